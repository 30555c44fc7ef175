import { GraftError } from "@graft/error";
import { timedChunks, within } from "@graft/protocol";
import { createMiddleware } from "hono/factory";
import type { RegistryEnvironment } from "./context.ts";
import type { RegistrySettings } from "./settings.ts";

/** How much of a refused body is still taken in. */
const DISCARD_BYTES = 32 * 2 ** 20;
const DISCARD_SECONDS = 0.5;

/** The chunks of a body, given up with TOO_SLOW when they do not come. */
export async function* timedBody(body: ReadableStream<Uint8Array> | null, settings: RegistrySettings): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    for await (const chunk of timedChunks(reader, settings, tooSlow)) {
      let isTaken = false;
      try {
        yield chunk;
        isTaken = true;
      } finally {
        if (!isTaken) await discard(reader);
      }
    }
  } finally {
    // Not cancelled: that would cut the connection before the refusal is on it.
    reader.releaseLock();
  }
}

/** Takes a little more from a sender that is refused, so that one that nearly has sent all sees the answer and not a broken connection. */
async function discard(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const deadline = performance.now() + DISCARD_SECONDS * 1000;
  for (let size = 0; size < DISCARD_BYTES;) {
    const left = (deadline - performance.now()) / 1000;
    const chunk = await within(reader.read(), Math.max(left, 0), tooSlow).catch(() => undefined);
    if (chunk?.value === undefined) return;
    size += chunk.value.length;
  }
}

function tooSlow(why: string): GraftError {
  return new GraftError("TOO_SLOW", `Cannot wait for the request: ${why}`);
}

/** Reads a JSON body within its bounds before anything parses it. LIMIT_EXCEEDED, TOO_SLOW, USAGE. */
export function boundedBody(settings: RegistrySettings) {
  return createMiddleware<RegistryEnvironment>(async (context, next) => {
    refuseEncoded(context.req.header("content-encoding"));
    const announced = Number(context.req.header("content-length") ?? 0);
    if (announced > settings.bodyBytes) throw tooLarge(settings.bodyBytes);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of timedBody(context.req.raw.body, settings)) {
      size += chunk.length;
      if (size > settings.bodyBytes) throw tooLarge(settings.bodyBytes);
      chunks.push(chunk);
    }
    const { url, method, headers } = context.req.raw;
    context.req.raw = new Request(url, { method, headers, body: await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer() });
    await next();
  });
}

function tooLarge(limit: number): GraftError {
  return new GraftError("LIMIT_EXCEEDED", `Cannot read the request: its body has more than ${limit} bytes`);
}

/** A compressed body could grow without bound. */
export function refuseEncoded(encoding: string | undefined): void {
  if (encoding !== undefined && encoding !== "identity")
    throw new GraftError("USAGE", `Cannot read the request: its body is encoded as "${encoding.slice(0, 40)}", want none`);
}
