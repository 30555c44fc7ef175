import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { createHasher, formatDigest, type Digest, type Hasher } from "@graft/digest";
import { GraftError } from "@graft/error";
import { fileError } from "@graft/files";
import type { BlobUpload } from "./blob-store.ts";

/** The sender's stream failed or ended early: what has come so far is worth keeping. */
class SenderError extends Error {
  readonly reason: unknown;
  constructor(reason: unknown) {
    super("the sender stopped");
    this.reason = reason;
  }
}

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
      if (found !== digest) {
        throw new GraftError("DIGEST_MISMATCH", `Cannot store the blob: its ${size} bytes have the digest ${found}, want ${digest}`, {
          hint: "Send it again; the bytes changed on the way or the digest is of another file",
        });
      }
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
  throw new GraftError("RANGE_INVALID", `Cannot go on with ${digest} at byte ${offset}: ${size} bytes are kept`, {
    hint: "Go on at the offset that the registry names",
    detail: { offset: size },
  });
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
  const sender = upload.bytes[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await sender.next().catch((cause: unknown) => {
        throw new SenderError(cause);
      });
      if (done === true) break;
      const most = Math.min(upload.size ?? upload.limit, upload.limit);
      if (position + value.length > most) throw new GraftError("LIMIT_EXCEEDED", `Cannot store the blob: it has more than ${most} bytes`);
      hasher.update(value);
      for (let written = 0; written < value.length;)
        written += (await handle.write(value, written, value.length - written, position + written)).bytesWritten;
      position += value.length;
    }
  } finally {
    await sender.return?.();
  }
  if (upload.size !== undefined && position < upload.size) {
    throw new SenderError(
      new GraftError("RANGE_INVALID", `Cannot store the blob: ${position} of ${upload.size} bytes came`, {
        hint: "Go on at the offset that the registry names",
        detail: { offset: position },
      }),
    );
  }
  return position;
}
