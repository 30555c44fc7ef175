import { randomBytes } from "node:crypto";
import { createHasher, formatDigest, type Digest } from "@graft/digest";
import { GraftError } from "@graft/error";
import type { BlobPut, DirectPart, DirectTransfers } from "../blob-store.ts";
import { wrongDigest } from "../sender.ts";
import { readObject } from "./s3-blob.ts";
import type { S3Bucket, S3Object, S3Part, S3Upload } from "./s3-bucket.ts";
import { blobKey, uploadPrefix } from "./s3-keys.ts";

/** Bytes of a part: large enough that few requests are needed, small enough that a broken connection costs little. */
const PART = 16 * 2 ** 20;

/** How long an address is good, in seconds: who is slower asks again. */
const SECONDS = 60 * 60;

/**
 * Transfers straight to and from a bucket. All state is in the bucket: `uploads/<digest>/<owner>/direct-<size>-…` is an open multipart
 * upload, then an object that nobody can write any more, and becomes a blob once all of it was read and had the right digest.
 */
export function s3Direct(bucket: S3Bucket): DirectTransfers {
  return {
    readAddress: (digest) => bucket.signGet(blobKey(digest), SECONDS),
    begin: async (digest, { size, owner }) => {
      const prefix = `${await uploadPrefix(digest, owner)}direct-${size}-`;
      const known = await openUpload(bucket, prefix);
      const upload = known?.upload ?? (await bucket.begin(prefix + randomBytes(12).toString("hex")));
      return await Promise.all(partsOf(size).map((part) => addressed(bucket, { upload, part, there: known?.parts ?? [] })));
    },
    finish: async (digest, owner) => {
      const prefix = `${await uploadPrefix(digest, owner)}direct-`;
      let isMissing = false;
      for await (const upload of bucket.uploads(prefix)) {
        const parts = await bucket.parts(upload);
        if (parts === undefined) continue;
        const came = parts.reduce((sum, { size }) => sum + size, 0);
        if (came === sizeOfKey(upload.key)) await bucket.complete(upload, parts);
        else isMissing = true;
      }
      for await (const whole of bucket.list(prefix)) return await link(bucket, digest, whole);
      if (isMissing)
        throw new GraftError("RANGE_INVALID", `Cannot finish the upload of ${digest}: parts are missing`, {
          hint: "Ask which, and send them",
        });
      throw new GraftError("NOT_FOUND", `Cannot finish the upload of ${digest}: there is none`, { hint: "Begin it again" });
    },
  };
}

/** Reads an object that is whole, and makes it the blob when it has the digest. */
async function link(bucket: S3Bucket, digest: Digest, { key, size }: S3Object): Promise<BlobPut> {
  const hasher = await createHasher();
  for await (const chunk of readObject(bucket, key, { begin: 0, end: size })) hasher.update(chunk);
  const found = formatDigest(hasher.digest());
  if (found === digest) await bucket.copy(key, blobKey(digest));
  await bucket.remove(key);
  if (found !== digest) throw wrongDigest({ found, wanted: digest, size });
  return { status: "stored", size };
}

/** The first upload that is open below a prefix: every server picks the same. */
async function openUpload(bucket: S3Bucket, prefix: string): Promise<{ upload: S3Upload; parts: S3Part[] } | undefined> {
  for await (const upload of bucket.uploads(prefix)) {
    const parts = await bucket.parts(upload);
    if (parts !== undefined) return { upload, parts };
  }
  return undefined;
}

function partsOf(size: number): DirectPart[] {
  return Array.from({ length: Math.ceil(size / PART) }, (_, index) => ({
    number: index + 1,
    offset: index * PART,
    size: Math.min(PART, size - index * PART),
  }));
}

async function addressed(
  bucket: S3Bucket,
  { upload, part, there }: { upload: S3Upload; part: DirectPart; there: readonly S3Part[] },
): Promise<DirectPart> {
  if (there.some(({ number, size }) => number === part.number && size === part.size)) return part;
  return { ...part, address: await bucket.signPart(upload, { number: part.number, size: part.size, seconds: SECONDS }) };
}

function sizeOfKey(key: string): number {
  return Number(/direct-(\d+)-[^/]*$/.exec(key)?.[1] ?? Number.NaN);
}
