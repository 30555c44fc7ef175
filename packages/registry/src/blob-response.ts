import type { Digest } from "@graft/digest";
import type { StoredBlob } from "@graft/storage";
import type { Context } from "hono";
import { parseRange } from "./byte-range.ts";

/** Answers with a blob, or one range of it. Bytes under a digest never change, so every cache that may have them keeps them for ever. */
export async function blobResponse(
  context: Context,
  { blob, digest, isPublic }: { blob: StoredBlob; digest: Digest; isPublic: boolean },
): Promise<Response> {
  const etag = `"${digest}"`;
  const headers: Record<string, string> = {
    etag,
    "accept-ranges": "bytes",
    "cache-control": `${isPublic ? "public" : "private"}, max-age=31536000, immutable`,
    vary: "authorization",
    "content-type": "application/octet-stream",
    // Bytes of strangers are never shown as a page of this origin.
    "content-disposition": "attachment",
  };
  try {
    if (matches(context.req.header("if-none-match"), etag)) return await closed(blob, context.body(null, 304, headers));
    const ifRange = context.req.header("if-range");
    const range = ifRange === undefined || ifRange === etag ? parseRange(context.req.header("range"), blob.size) : undefined;
    const { begin, end } = range ?? { begin: 0, end: blob.size };
    headers["content-length"] = String(end - begin);
    if (range !== undefined) headers["content-range"] = `bytes ${begin}-${end - 1}/${blob.size}`;
    const status = range === undefined ? 200 : 206;
    if (context.req.raw.method === "HEAD") return await closed(blob, context.body(null, status, headers));
    return context.body(streamOf(blob, { begin, end }), status, headers);
  } catch (cause) {
    await blob.close();
    if (cause instanceof Error && "code" in cause && cause.code === "RANGE_INVALID")
      context.header("content-range", `bytes */${blob.size}`);
    throw cause;
  }
}

function matches(header: string | undefined, etag: string): boolean {
  return (
    header !== undefined && header.split(",").some((candidate) => candidate.trim().replace(/^W\//, "") === etag || candidate.trim() === "*")
  );
}

async function closed(blob: StoredBlob, response: Response): Promise<Response> {
  await blob.close();
  return response;
}

/** Reads as fast as the receiver takes it, and closes the blob however the stream ends. */
function streamOf(blob: StoredBlob, { begin, end }: { begin: number; end: number }): ReadableStream<Uint8Array> {
  const chunks = blob.stream(begin, end)[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await chunks.next();
          if (done !== true) return controller.enqueue(value);
          await blob.close();
          controller.close();
        } catch (cause) {
          await blob.close();
          controller.error(cause);
        }
      },
      cancel: async () => {
        await chunks.return?.();
        await blob.close();
      },
    },
    { highWaterMark: 0 },
  );
}
