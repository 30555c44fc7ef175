import type { Digest } from "@graft/digest";

/** A blob that is open for reading; it satisfies the byte source of `@graft/safetensors`. */
export interface StoredBlob {
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Bytes from `begin` up to, not including, `end`, in chunks. Closes nothing. */
  stream(begin: number, end: number): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** Bytes on their way in. */
export interface BlobUpload {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Size of the whole blob, when the sender said it. */
  readonly size?: number | undefined;
  /** Bytes that the blob may have at most: LIMIT_EXCEEDED, and nothing is kept. */
  readonly limit: number;
  /** Where the bytes begin; more than 0 goes on after an upload that broke off. */
  readonly offset?: number | undefined;
  /** Who uploads: what broke off is kept for its sender alone. */
  readonly owner: string;
  /** Takes the bytes as if they were not there yet, so that a sender who may not read them learns nothing. */
  readonly afresh?: boolean | undefined;
}

/** Whether the bytes were new. */
export interface BlobPut {
  readonly status: "stored" | "exists";
  readonly size: number;
}

/** Content by digest. What can be opened is whole, durable, and had its digest when it came in. */
export interface BlobStore {
  size(digest: Digest): Promise<number | undefined>;
  open(digest: Digest): Promise<StoredBlob | undefined>;
  /**
   * Hashes while it writes, and shows the blob only when the digest is right. DIGEST_MISMATCH, DISK_FULL,
   * RANGE_INVALID when `offset` is not what is kept (detail.offset says what is). What the sender's stream throws passes through, and the bytes so far are kept.
   */
  put(digest: Digest, upload: BlobUpload): Promise<BlobPut>;
  /** Bytes kept of this owner's upload that broke off; 0 when there is none. */
  uploadOffset(digest: Digest, owner: string): Promise<number>;
  delete(digest: Digest): Promise<void>;
  /** Drops uploads that nobody touched since the instant (milliseconds since 1970); gives how many. */
  sweepUploads(before: number): Promise<number>;
}
