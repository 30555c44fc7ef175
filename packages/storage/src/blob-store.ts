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

/** A blob in a list; `storedAt` in milliseconds since 1970. */
export interface ListedBlob {
  readonly digest: Digest;
  readonly size: number;
  readonly storedAt: number;
}

/** One part of an upload that goes straight into the store; without an address it is there already. */
export interface DirectPart {
  readonly number: number;
  readonly offset: number;
  readonly size: number;
  readonly address?: string | undefined;
}

/** Bytes that go straight between client and store, through addresses that are good for a while. */
export interface DirectTransfers {
  /** Where the bytes of a blob are. */
  readAddress(digest: Digest): Promise<string>;
  /** Begins an upload, or goes on with what the store has of this owner's. */
  begin(digest: Digest, upload: { readonly size: number; readonly owner: string }): Promise<DirectPart[]>;
  /**
   * Makes the parts a blob, after reading all of it: DIGEST_MISMATCH, and nothing is kept. RANGE_INVALID while parts are missing,
   * NOT_FOUND when this owner began none.
   */
  finish(digest: Digest, owner: string): Promise<BlobPut>;
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
  /** Every blob, in no order; what comes and goes meanwhile may be there or not. */
  list(): AsyncIterable<ListedBlob>;
  /** Left out where all bytes go through the server. */
  readonly direct?: DirectTransfers;
}
