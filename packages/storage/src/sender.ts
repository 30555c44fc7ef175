import { GraftError } from "@graft/error";
import type { BlobUpload } from "./blob-store.ts";

/** The sender's stream failed or ended early: what has come so far is worth keeping. */
export class SenderError extends Error {
  readonly reason: unknown;
  constructor(reason: unknown) {
    super("the sender stopped");
    this.reason = reason;
  }
}

/** The chunks of an upload, from its offset on: SenderError when they stop too early, LIMIT_EXCEEDED when they do not stop. */
export async function* sentChunks(upload: BlobUpload): AsyncGenerator<Uint8Array> {
  const most = Math.min(upload.size ?? upload.limit, upload.limit);
  let position = upload.offset ?? 0;
  const sender = upload.bytes[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await sender.next().catch((cause: unknown) => {
        throw new SenderError(cause);
      });
      if (done === true) break;
      position += value.length;
      if (position > most) throw new GraftError("LIMIT_EXCEEDED", `Cannot store the blob: it has more than ${most} bytes`);
      yield value;
    }
  } finally {
    await sender.return?.();
  }
  if (upload.size === undefined || position >= upload.size) return;
  throw new SenderError(
    new GraftError("RANGE_INVALID", `Cannot store the blob: ${position} of ${upload.size} bytes came`, {
      hint: "Go on at the offset that the registry names",
      detail: { offset: position },
    }),
  );
}

/** What bytes with another digest than was said are refused with. */
export function wrongDigest({ found, wanted, size }: { found: string; wanted: string; size: number }): GraftError {
  return new GraftError("DIGEST_MISMATCH", `Cannot store the blob: its ${size} bytes have the digest ${found}, want ${wanted}`, {
    hint: "Send it again; the bytes changed on the way or the digest is of another file",
  });
}

/** What an upload is refused with that goes on at another place than where the last one stopped. */
export function wrongOffset(digest: string, { offset, kept }: { offset: number; kept: number }): GraftError {
  return new GraftError("RANGE_INVALID", `Cannot go on with ${digest} at byte ${offset}: ${kept} bytes are kept`, {
    hint: "Go on at the offset that the registry names",
    detail: { offset: kept },
  });
}
