import type { Digest } from "@graft/digest";
import { GraftError } from "@graft/error";
import type { BlobPut } from "@graft/storage";
import { parseContentRange } from "./byte-range.ts";
import type { RegistryParts } from "./context.ts";
import { refuseEncoded, timedBody } from "./request-body.ts";

/** Takes an upload in, from the start or from where it broke off. What is too large is refused before its first byte is read. */
export async function receive(
  { blobs, settings }: RegistryParts,
  { digest, owner, afresh, request }: { digest: Digest; owner: string; afresh: boolean; request: Request },
): Promise<BlobPut> {
  refuseEncoded(request.headers.get("content-encoding") ?? undefined);
  const range = request.headers.get("content-range");
  const length = request.headers.get("content-length");
  const { offset, size } = range === null ? { offset: 0, size: length === null ? undefined : Number(length) } : parseContentRange(range);
  if (size !== undefined && size > settings.blobBytes) {
    throw new GraftError("LIMIT_EXCEEDED", `Cannot store the blob: it has ${size} bytes, want at most ${settings.blobBytes}`);
  }
  return await blobs.put(digest, { bytes: timedBody(request.body, settings), size, limit: settings.blobBytes, offset, owner, afresh });
}
