import { isGraftError } from "@graft/error";
import { BlobStored, routePath, UPLOAD_DIRECT, UPLOAD_OFFSET } from "@graft/protocol";
import { RESUMES } from "./download.ts";
import { type Connection, pause, send } from "./http.ts";
import { bodyOf, type Upload } from "./upload-body.ts";
import { uploadDirect } from "./upload-direct.ts";

/** Faults after which an upload goes on: broken connections, and uploads that another process took further or that were swept. */
const BROKEN: ReadonlySet<string> = new Set(["REGISTRY_UNREACHABLE", "RANGE_INVALID", "UNAVAILABLE"]);

/**
 * Uploads a blob by its digest: to the registry, or straight into its store where it says so. Bytes that are there of an interrupted
 * upload are not sent again, and a broken connection is taken up again.
 */
export async function uploadBlob(connection: Connection, blob: Upload): Promise<"stored" | "exists"> {
  const url = new URL(connection.registry + routePath("putBlob", { digest: blob.digest }));
  for (let failures = 0, before = 0; ;) {
    const state = await uploadState(connection, url);
    if (state === undefined) return "exists";
    const isDirect = state.isDirect && blob.bytes.length > 0;
    if (state.offset > before) failures = 0;
    before = Math.max(before, state.offset);
    try {
      return isDirect ? await uploadDirect(connection, blob) : await uploadFrom(connection, url, { blob, offset: state.offset });
    } catch (cause) {
      const broken = isGraftError(cause) && (BROKEN.has(cause.code) || (isDirect && cause.code === "NOT_FOUND"));
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
  const headers: Record<string, string> = { "content-type": "application/octet-stream" };
  if (offset > 0) headers["content-range"] = `bytes ${offset}-${size - 1}/${size}`;
  const report = (sent: number): void => blob.progress?.(offset + sent, size);
  const response = await send(connection, url, {
    method: "PUT",
    ...bodyOf(blob.bytes.subarray(offset), { headers, report }),
    signal: blob.signal ?? null,
  });
  return BlobStored.parse(await response.json()).status;
}

/** Where to begin, and which way; undefined when the blob is there whole. */
async function uploadState(connection: Connection, url: URL): Promise<{ offset: number; isDirect: boolean } | undefined> {
  const response = await send(connection, url, { method: "HEAD", accept: [404] });
  if (response.status !== 404) return undefined;
  return { offset: Number(response.headers.get(UPLOAD_OFFSET) ?? 0), isDirect: response.headers.has(UPLOAD_DIRECT) };
}
