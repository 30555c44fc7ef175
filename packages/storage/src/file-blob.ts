import { open } from "node:fs/promises";
import { GraftError } from "@graft/error";
import type { StoredBlob } from "./blob-store.ts";

/** Bytes of one read of a stream: large enough for the disk, small enough for 64 streams at once. */
const CHUNK = 256 * 1024;

/** Opens a file as a blob; throws what `node:fs` throws. */
export async function openFileBlob(path: string): Promise<StoredBlob> {
  const handle = await open(path, "r");
  const { size } = await handle.stat();
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length;) {
      const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
      if (bytesRead === 0)
        throw new GraftError("READ_FAILED", `Cannot read a blob: it ends at ${offset + done}, want ${offset + length} bytes`);
      done += bytesRead;
    }
    return bytes;
  };
  return {
    size,
    read,
    stream: async function* (begin, end) {
      for (let offset = begin; offset < end; offset += CHUNK) yield await read(offset, Math.min(CHUNK, end - offset));
    },
    close: () => handle.close(),
  };
}
