import { randomBytes } from "node:crypto";
import { createHasher, formatDigest, type Digest } from "@graft/digest";
import { isGraftError } from "@graft/error";
import type { BlobUpload } from "../blob-store.ts";
import { SenderError, sentChunks, wrongDigest, wrongOffset } from "../sender.ts";
import { readObject } from "./s3-blob.ts";
import type { S3Bucket, S3Object } from "./s3-bucket.ts";
import { blobKey, uploadPrefix } from "./s3-keys.ts";
import { S3Writer } from "./s3-writer.ts";

/** Takes an upload that comes through the server; gives its size. What a sender broke off becomes `kept-…` below the owner's prefix. */
export async function receiveIntoS3(bucket: S3Bucket, digest: Digest, upload: BlobUpload): Promise<number> {
  const prefix = await uploadPrefix(digest, upload.owner);
  const kept = await keptUploads(bucket, prefix);
  const forget = async (): Promise<void> => {
    for (const { key } of kept) await bucket.remove(key);
  };
  const offset = upload.offset ?? 0;
  const [newest] = kept;
  if (offset > 0 && newest?.size !== offset) throw wrongOffset(digest, { offset, kept: newest?.size ?? 0 });
  const writer = new S3Writer(bucket, prefix);
  const hasher = await createHasher();
  const take = async (chunk: Uint8Array): Promise<void> => {
    hasher.update(chunk);
    await writer.write(chunk);
  };
  try {
    // A part of a few bytes cannot stand in the middle of an object, so what was kept is written once more.
    if (offset > 0 && newest !== undefined)
      for await (const chunk of readObject(bucket, newest.key, { begin: 0, end: offset })) await take(chunk);
    for await (const chunk of sentChunks(upload)) await take(chunk);
    const found = formatDigest(hasher.digest());
    if (found !== digest) throw wrongDigest({ found, wanted: digest, size: writer.size });
    await writer.finish(blobKey(digest));
    await forget();
    return writer.size;
  } catch (cause) {
    if (cause instanceof SenderError) {
      if (writer.size > 0) await writer.finish(`${prefix}kept-${randomBytes(12).toString("hex")}`);
      await forget();
      throw cause.reason;
    }
    await writer.drop();
    if (isGraftError(cause) && (cause.code === "DIGEST_MISMATCH" || cause.code === "LIMIT_EXCEEDED")) await forget();
    throw cause;
  }
}

/** What was kept of an owner's uploads, the last first. */
export async function keptUploads(bucket: S3Bucket, prefix: string): Promise<S3Object[]> {
  const found: S3Object[] = [];
  for await (const each of bucket.list(`${prefix}kept-`)) found.push(each);
  return found.toSorted((one, other) => other.modified - one.modified || other.size - one.size);
}
