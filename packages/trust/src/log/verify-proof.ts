import { type Hash, nodeHash, sameHash } from "./merkle.ts";

/** A tree as a head names it: its count of leaves and its root. */
export interface Tree {
  readonly size: number;
  readonly root: Hash;
}

/** Whether a leaf stands at a position of a tree (RFC 9162 §2.1.3.2). */
export async function isIncluded(
  leaf: { readonly position: number; readonly hash: Hash },
  proof: readonly Hash[],
  tree: Tree,
): Promise<boolean> {
  if (leaf.position >= tree.size) return false;
  let position = leaf.position;
  let last = tree.size - 1;
  let root = leaf.hash;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isOdd(position) || position === last) {
      root = await nodeHash(sibling, root);
      while (!isOdd(position) && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      root = await nodeHash(root, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && sameHash(root, tree.root);
}

/** Whether a tree begins with all that an older one holds (RFC 9162 §2.1.4.2). A tree of nothing begins every tree. */
export async function isConsistent(older: Tree, newer: Tree, proof: readonly Hash[]): Promise<boolean> {
  if (older.size === newer.size) return proof.length === 0 && sameHash(older.root, newer.root);
  if (older.size === 0) return proof.length === 0;
  if (older.size > newer.size) return false;
  // An older tree that is whole is a node of the newer one, which the proof then leaves out.
  const [first, ...rest] = isPowerOfTwo(older.size) ? [older.root, ...proof] : proof;
  if (first === undefined || rest.length === 0) return false;
  let [position, last] = [older.size - 1, newer.size - 1];
  while (isOdd(position)) [position, last] = [half(position), half(last)];
  let [olderRoot, newerRoot] = [first, first];
  for (const node of rest) {
    if (last === 0) return false;
    if (isOdd(position) || position === last) {
      olderRoot = await nodeHash(node, olderRoot);
      newerRoot = await nodeHash(node, newerRoot);
      while (!isOdd(position) && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      newerRoot = await nodeHash(newerRoot, node);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && sameHash(olderRoot, older.root) && sameHash(newerRoot, newer.root);
}

/** Positions pass 2³², where bit operators end. */
function half(value: number): number {
  return Math.floor(value / 2);
}

function isOdd(value: number): boolean {
  return value % 2 === 1;
}

function isPowerOfTwo(value: number): boolean {
  let power = 1;
  while (power < value) power *= 2;
  return power === value;
}
