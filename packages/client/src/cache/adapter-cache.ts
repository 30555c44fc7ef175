import type { Digest } from "@graft/digest";

/** A download under way: bytes are hashed as they are written, and the blob appears only when its digest is right. */
export interface PartialBlob {
  /** Bytes that an interrupted download left, re-hashed: where to go on. */
  readonly offset: number;
  write(bytes: Uint8Array): Promise<void>;
  /** Drops what is there and begins again at byte 0. */
  restart(): Promise<void>;
  /** Puts the blob in its place; DIGEST_MISMATCH removes it instead. Gives its path. */
  commit(): Promise<string>;
  /** Leaves the bytes for the next try. */
  close(): Promise<void>;
  /** Removes the bytes: another try could not go on from them. */
  discard(): Promise<void>;
}

/** Blobs by digest, in files or in what a browser gives a page. */
export interface AdapterCache {
  /** Path of a blob whose bytes have this digest, or undefined. A blob that was damaged is removed. */
  find(digest: Digest): Promise<string | undefined>;
  /** Opens a download, going on from what an interrupted one left. */
  open(digest: Digest): Promise<PartialBlob>;
}
