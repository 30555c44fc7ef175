import { isGraftError } from "@graft/error";
import { BlobStored, routePath, UPLOAD_OFFSET } from "@graft/protocol";
import { type Progress, RESUMES } from "./download.ts";
import { type Connection, pause, send } from "./http.ts";

/** Bytes sent between two reports of progress. */
const CHUNK = 1 << 18;

/** A blob to upload. */
interface Upload {
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Uploads a blob by its digest. Bytes that the registry kept of an interrupted upload are not sent again, and a broken connection is taken up again. */
export async function uploadBlob(connection: Connection, blob: Upload): Promise<"stored" | "exists"> {
  const url = new URL(connection.registry + routePath("putBlob", { digest: blob.digest }));
  let reached = 0;
  for (let failures = 0; ;) {
    const offset = await uploadOffset(connection, url);
    if (offset === undefined) return "exists";
    if (offset > reached) failures = 0;
    reached = Math.max(reached, offset);
    try {
      return await uploadFrom(connection, url, { blob, offset });
    } catch (cause) {
      // An upload that another process took further is gone on with, too.
      const broken = isGraftError(cause) && (cause.code === "REGISTRY_UNREACHABLE" || cause.code === "RANGE_INVALID");
      if (!broken || failures === RESUMES || blob.signal?.aborted === true) throw cause;
      failures += 1;
      await pause(failures);
    }
  }
}

async function uploadFrom(
  connection: Connection,
  url: URL,
  { blob, offset }: { blob: Upload; offset: number },
): Promise<"stored" | "exists"> {
  const size = blob.bytes.length;
  const headers: Record<string, string> = { "content-type": "application/octet-stream", "content-length": String(size - offset) };
  if (offset > 0) headers["content-range"] = `bytes ${offset}-${size - 1}/${size}`;
  const init: RequestInit & { duplex: "half" } = {
    method: "PUT",
    headers,
    body: chunks(blob, offset),
    duplex: "half",
    signal: blob.signal ?? null,
  };
  const response = await send(connection, url, init);
  return BlobStored.parse(await response.json()).status;
}

/** Where to begin; undefined when the blob is there whole. */
async function uploadOffset(connection: Connection, url: URL): Promise<number | undefined> {
  const response = await send(connection, url, { method: "HEAD", accept: [404] });
  return response.status === 404 ? Number(response.headers.get(UPLOAD_OFFSET) ?? 0) : undefined;
}

function chunks(blob: { bytes: Uint8Array; progress?: Progress | undefined }, offset: number): ReadableStream<Uint8Array> {
  let at = offset;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const end = Math.min(at + CHUNK, blob.bytes.length);
      if (end > at) controller.enqueue(blob.bytes.subarray(at, end));
      at = end;
      blob.progress?.(at, blob.bytes.length);
      if (at === blob.bytes.length) controller.close();
    },
  });
}
