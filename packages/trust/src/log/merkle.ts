import { createHasher } from "@graft/digest";

/** A node of the tree: 32 raw bytes. */
export type Hash = Uint8Array;

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Hash of a leaf: sha256 of 0x00 and its bytes (RFC 6962 §2.1). */
export function leafHash(leaf: Uint8Array): Promise<Hash> {
  return hash(LEAF, leaf);
}

/** Hash of a node over two: sha256 of 0x01, the left one and the right one (RFC 6962 §2.1). */
export function nodeHash(left: Hash, right: Hash): Promise<Hash> {
  return hash(NODE, left, right);
}

/** Root of the tree without leaves: sha256 of nothing. */
export function emptyRoot(): Promise<Hash> {
  return hash();
}

/** Whether two nodes are equal. */
export function sameHash(left: Hash, right: Hash): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** The largest power of two below a count of at least 2: where a tree is split (RFC 6962 §2.1). */
export function splitPoint(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

async function hash(...parts: readonly Uint8Array[]): Promise<Hash> {
  const hasher = await createHasher();
  for (const part of parts) hasher.update(part);
  return hasher.digest();
}
