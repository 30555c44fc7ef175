import type { BlobPut, BlobStore, ListedBlob } from "../blob-store.ts";
import { parseS3Address } from "./s3-address.ts";
import { s3Blob } from "./s3-blob.ts";
import { createS3Bucket, openS3Bucket, type S3Bucket } from "./s3-bucket.ts";
import { s3Direct } from "./s3-direct.ts";
import { blobKey, BLOBS, digestOfKey, uploadPrefix, UPLOADS } from "./s3-keys.ts";
import { keptUploads, receiveIntoS3 } from "./s3-receive.ts";

/**
 * Blobs in a bucket of any S3-compatible server, by its `s3://bucket?endpoint=…` address; keys come from where the AWS SDK finds
 * them. Any number of processes may share a bucket: an object appears whole, under its digest. USAGE, UNAVAILABLE.
 */
export async function openS3BlobStore(address: string): Promise<BlobStore> {
  const bucket = openS3Bucket(parseS3Address(address));
  const sizeOf = async (key: string): Promise<number | undefined> => (await bucket.head(key))?.size;
  // Wrong keys and a bucket that is not there are told at the start.
  for await (const _ of bucket.list(UPLOADS)) break;

  return {
    size: (digest) => sizeOf(blobKey(digest)),
    open: async (digest) => {
      const key = blobKey(digest);
      const size = await sizeOf(key);
      return size === undefined ? undefined : s3Blob(bucket, { key, size });
    },
    put: async (digest, upload): Promise<BlobPut> => {
      const known = upload.afresh === true ? undefined : await sizeOf(blobKey(digest));
      if (known === undefined) return { status: "stored", size: await receiveIntoS3(bucket, digest, upload) };
      // Read to the end, or a sender that is still writing sees a broken connection.
      for await (const _ of upload.bytes);
      return { status: "exists", size: known };
    },
    uploadOffset: async (digest, owner) => (await keptUploads(bucket, await uploadPrefix(digest, owner)))[0]?.size ?? 0,
    delete: (digest) => bucket.remove(blobKey(digest)),
    sweepUploads: (before) => sweep(bucket, before),
    list: () => listed(bucket),
    direct: s3Direct(bucket),
  };
}

/** Makes the bucket that an address names, where it is not there. */
export async function createBucket(address: string): Promise<void> {
  await createS3Bucket(parseS3Address(address));
}

async function sweep(bucket: S3Bucket, before: number): Promise<number> {
  let swept = 0;
  for await (const { key, modified } of bucket.list(UPLOADS)) {
    if (modified >= before) continue;
    await bucket.remove(key);
    swept += 1;
  }
  for await (const upload of bucket.uploads(UPLOADS)) {
    if (upload.begun >= before) continue;
    await bucket.abort(upload);
    swept += 1;
  }
  return swept;
}

async function* listed(bucket: S3Bucket): AsyncGenerator<ListedBlob> {
  for await (const { key, size, modified } of bucket.list(BLOBS)) {
    const digest = digestOfKey(key);
    if (digest !== undefined) yield { digest, size, storedAt: modified };
  }
}
