import { GraftError } from "@graft/error";

/** How long a registry is waited for, and how much of an answer is read. */
export interface Patience {
  /** Seconds that an answer of JSON may take. */
  readonly answerSeconds: number;
  /** Bytes of an answer of JSON. The record of a base of 50,000 matrices takes about 10 MB. */
  readonly answerBytes: number;
  /** Seconds without a byte of a download. */
  readonly idleSeconds: number;
  /** Average speed below which a download is given up, looked at after `idleSeconds`. */
  readonly minimumBytesPerSecond: number;
}

/** A mobile network at its worst still passes these. */
export const PATIENCE: Patience = { answerSeconds: 60, answerBytes: 32 * 2 ** 20, idleSeconds: 30, minimumBytesPerSecond: 1024 };

/** Reads a JSON answer; undefined for what is no JSON. LIMIT_EXCEEDED when it is too long, TOO_SLOW when it does not end. */
export async function readJson(response: Response, patience: Patience): Promise<unknown> {
  const { answerSeconds: idleSeconds, answerBytes } = patience;
  const deadline = performance.now() + idleSeconds * 1000;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of timedChunks(response, { ...patience, idleSeconds })) {
    size += chunk.length;
    if (size > answerBytes)
      throw new GraftError("LIMIT_EXCEEDED", `Cannot read the answer of the registry: it has more than ${answerBytes} bytes`, {
        hint: "Something between you and the registry sends without end; ask the registry without the mirror",
      });
    if (performance.now() > deadline) throw tooSlow(`the answer is not over after ${idleSeconds} s`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).text());
  } catch {
    return undefined;
  }
}

/** The chunks of a body, given up with TOO_SLOW when they do not come, or come too slowly on average. */
export async function* timedChunks(response: Response, { idleSeconds, minimumBytesPerSecond }: Patience): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const start = performance.now();
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), idleSeconds);
      if (done) return;
      size += value.length;
      const seconds = (performance.now() - start) / 1000;
      if (seconds > idleSeconds && size < seconds * minimumBytesPerSecond)
        throw tooSlow(`${Math.round(size / seconds)} bytes per second came, want ${minimumBytesPerSecond}`);
      yield value;
    }
  } finally {
    // Left unread, the connection would stay busy.
    await reader.cancel().catch(() => undefined);
  }
}

async function within<T>(read: Promise<T>, seconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooSlow(`nothing came for ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([read, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function tooSlow(why: string): GraftError {
  return new GraftError("TOO_SLOW", `Cannot wait for the registry: ${why}`, { hint: "Try again, or ask the registry without the mirror" });
}
