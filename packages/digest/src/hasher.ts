/** What can be hashed with; everything of Graft's own is sha256, other protocols want the others. */
export type HashName = "sha256" | "sha512";

/** A streaming hash: feed chunks of any size, then take the raw bytes once. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}
