/** Streaming sha256: feed chunks of any size, then take the 32 raw bytes once. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}
