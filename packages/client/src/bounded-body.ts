import { GraftError } from "@graft/error";
import { type Pace, timedChunks } from "@graft/protocol";

/** How long a registry is waited for, and how much of an answer is read. */
export interface Patience extends Pace {
  /** Seconds that an answer of JSON may take. */
  readonly answerSeconds: number;
  /** Bytes of an answer of JSON. The record of a base of 50,000 matrices takes about 10 MB. */
  readonly answerBytes: number;
}

/** A mobile network at its worst still passes these. */
export const PATIENCE: Patience = { answerSeconds: 60, answerBytes: 32 * 2 ** 20, idleSeconds: 30, minimumBytesPerSecond: 1024 };

/** Reads a JSON answer; undefined for what is no JSON. LIMIT_EXCEEDED when it is too long, TOO_SLOW when it does not end. */
export async function readJson(response: Response, patience: Patience): Promise<unknown> {
  const { answerSeconds: idleSeconds, answerBytes } = patience;
  const deadline = performance.now() + idleSeconds * 1000;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of timedBody(response, { ...patience, idleSeconds })) {
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
export async function* timedBody(response: Response, patience: Patience): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  try {
    yield* timedChunks(reader, patience, tooSlow);
  } finally {
    // Left unread, the connection would stay busy.
    await reader.cancel().catch(() => undefined);
  }
}

function tooSlow(why: string): GraftError {
  return new GraftError("TOO_SLOW", `Cannot wait for the registry: ${why}`, { hint: "Try again, or ask the registry without the mirror" });
}
