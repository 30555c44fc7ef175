import { setTimeout as sleep } from "node:timers/promises";
import { GraftError } from "@graft/error";
import type { StoredBlob } from "../blob-store.ts";
import type { S3Bucket } from "./s3-bucket.ts";

/** Bytes fetched at once when pieces are read one after the other. */
const READ_AHEAD = 4 * 2 ** 20;

/** Times a broken read is taken up again; bytes that came start the count anew. */
const RESUMES = 5;

/** An object as a blob. */
export function s3Blob(bucket: S3Bucket, { key, size }: { readonly key: string; readonly size: number }): StoredBlob {
  let ahead: { readonly begin: number; readonly bytes: Uint8Array } = { begin: 0, bytes: new Uint8Array() };
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    if (offset + length > size)
      throw new GraftError("READ_FAILED", `Cannot read a blob: it ends at ${size}, want ${offset + length} bytes`);
    if (offset < ahead.begin || offset + length > ahead.begin + ahead.bytes.length) {
      const end = Math.min(size, offset + Math.max(length, READ_AHEAD));
      const chunks: Uint8Array[] = [];
      for await (const chunk of readObject(bucket, key, { begin: offset, end })) chunks.push(chunk);
      ahead = { begin: offset, bytes: Buffer.concat(chunks) };
    }
    return ahead.bytes.slice(offset - ahead.begin, offset - ahead.begin + length);
  };
  return {
    size,
    read,
    stream: (begin, end) => readObject(bucket, key, { begin, end }),
    close: async () => {
      ahead = { begin: 0, bytes: new Uint8Array() };
    },
  };
}

/** Bytes of an object from `begin` up to, not including, `end`, through connections that break. READ_FAILED, UNAVAILABLE. */
export async function* readObject(
  bucket: S3Bucket,
  key: string,
  { begin, end }: { begin: number; end: number },
): AsyncGenerator<Uint8Array> {
  for (let offset = begin, failures = 0; offset < end;) {
    const start = offset;
    try {
      const chunks = await bucket.get(key, { begin: offset, end });
      if (chunks === undefined) throw new GraftError("READ_FAILED", "Cannot read a blob: it is not there any more");
      for await (const chunk of chunks) {
        offset += chunk.length;
        yield chunk;
      }
      if (offset !== end) throw new Error(`it ended at byte ${offset}, want ${end}`);
    } catch (cause) {
      if (cause instanceof GraftError) throw cause;
      failures = offset > start ? 1 : failures + 1;
      if (failures > RESUMES)
        throw new GraftError("UNAVAILABLE", "Cannot read a blob: the connection to the bucket breaks", { hint: "Try again later", cause });
      await sleep(25 * 2 ** failures);
    }
  }
}
