import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { createHasher, formatDigest, type Digest, type Hasher } from "@graft/digest";
import { GraftError } from "@graft/error";
import { fileError } from "@graft/files";
import type { BlobUpload } from "./blob-store.ts";
import { SenderError, sentChunks, wrongDigest, wrongOffset } from "./sender.ts";

/** Writes an upload to `temporary`, synced and with the right digest, and gives its size; or leaves no `temporary`. What a sender broke off moves to `kept`. */
export async function receiveBlob(
  digest: Digest,
  upload: BlobUpload,
  paths: { readonly temporary: string; readonly kept: string },
): Promise<number> {
  const { temporary, kept } = paths;
  const offset = upload.offset ?? 0;
  try {
    if (offset > 0) await claim(digest, { ...paths, offset });
    const handle = await open(temporary, offset > 0 ? "r+" : "wx");
    try {
      const hasher = await createHasher();
      await rehash(handle, { hasher, length: offset });
      const size = await append(handle, { hasher, upload, offset });
      const found = formatDigest(hasher.digest());
      if (found !== digest) throw wrongDigest({ found, wanted: digest, size });
      await handle.sync();
      return size;
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof SenderError) {
      await rename(temporary, kept).catch(() => rm(temporary, { force: true }));
      throw cause.reason;
    }
    await rm(temporary, { force: true });
    throw fileError(cause, `store the blob ${digest}`);
  }
}

/** Takes what is kept as our own: of two senders that go on at once, the rename lets one through. */
async function claim(digest: Digest, { temporary, kept, offset }: { temporary: string; kept: string; offset: number }): Promise<void> {
  const size = await rename(kept, temporary).then(
    async () => {
      const handle = await open(temporary, "r");
      return (await handle.stat().finally(() => handle.close())).size;
    },
    () => 0,
  );
  if (size === offset) return;
  if (size > 0) await rename(temporary, kept);
  throw wrongOffset(digest, { offset, kept: size });
}

/** Hashing again what is on the disk is cheaper than trusting it. */
async function rehash(handle: FileHandle, { hasher, length }: { hasher: Hasher; length: number }): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(length, 1 << 20));
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, length - done), done);
    if (bytesRead === 0) throw new GraftError("READ_FAILED", "Cannot go on with an upload: what was kept of it got shorter");
    hasher.update(buffer.subarray(0, bytesRead));
    done += bytesRead;
  }
}

async function append(
  handle: FileHandle,
  { hasher, upload, offset }: { hasher: Hasher; upload: BlobUpload; offset: number },
): Promise<number> {
  let position = offset;
  for await (const chunk of sentChunks(upload)) {
    hasher.update(chunk);
    for (let written = 0; written < chunk.length;)
      written += (await handle.write(chunk, written, chunk.length - written, position + written)).bytesWritten;
    position += chunk.length;
  }
  return position;
}
