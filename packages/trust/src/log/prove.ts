import { emptyRoot, type Hash, nodeHash, splitPoint } from "./merkle.ts";

/** Hashes from `begin` to before `end` of one level of tiles: level 0 are leaves, level n the roots of 256ⁿ leaves each. */
export type ReadHashes = (level: number, range: { readonly begin: number; readonly end: number }) => Promise<readonly Hash[]>;

/** Levels of the tree in one tile (C2SP tlog-tiles). */
const TILE_HEIGHT = 8;

/** Root of the first `size` leaves (RFC 6962 §2.1). */
export async function treeRoot(size: number, read: ReadHashes): Promise<Hash> {
  return size === 0 ? emptyRoot() : subtreeRoot({ begin: 0, end: size }, read);
}

/** Audit path of a leaf in the tree of the first `size` leaves (RFC 6962 §2.1.1), from the leaf up. */
export async function inclusionProof(position: number, size: number, read: ReadHashes): Promise<Hash[]> {
  const proof: Hash[] = [];
  let [begin, end] = [0, size];
  while (end - begin > 1) {
    const middle = begin + splitPoint(end - begin);
    const isLeft = position < middle;
    proof.push(await subtreeRoot(isLeft ? { begin: middle, end } : { begin, end: middle }, read));
    [begin, end] = isLeft ? [begin, middle] : [middle, end];
  }
  return proof.toReversed();
}

/** Proof that the first `older` leaves begin the first `newer` (RFC 6962 §2.1.2); none is needed from nothing and to itself, and there is none from a larger tree. */
export async function consistencyProof(older: number, newer: number, read: ReadHashes): Promise<Hash[]> {
  if (older === 0 || older >= newer) return [];
  const proof: Hash[] = [];
  let [begin, end] = [0, newer];
  // The older tree ends within the range, or with it.
  while (older !== end) {
    const middle = begin + splitPoint(end - begin);
    const isLeft = older <= middle;
    proof.push(await subtreeRoot(isLeft ? { begin: middle, end } : { begin, end: middle }, read));
    [begin, end] = isLeft ? [begin, middle] : [middle, end];
  }
  // A whole older tree is its own root, which whoever asks has.
  if (begin > 0) proof.push(await subtreeRoot({ begin, end }, read));
  return proof.toReversed();
}

/** Root of 256 or fewer hashes of one level. */
export async function foldHashes(hashes: readonly Hash[]): Promise<Hash> {
  const [first] = hashes;
  if (first === undefined) return emptyRoot();
  if (hashes.length === 1) return first;
  const middle = splitPoint(hashes.length);
  return nodeHash(await foldHashes(hashes.slice(0, middle)), await foldHashes(hashes.slice(middle)));
}

async function subtreeRoot({ begin, end }: { begin: number; end: number }, read: ReadHashes): Promise<Hash> {
  const count = end - begin;
  const height = Math.log2(count);
  if (Number.isInteger(height)) {
    const level = Math.floor(height / TILE_HEIGHT);
    const width = 2 ** (TILE_HEIGHT * level);
    return foldHashes(await read(level, { begin: begin / width, end: end / width }));
  }
  const middle = begin + splitPoint(count);
  return nodeHash(await subtreeRoot({ begin, end: middle }, read), await subtreeRoot({ begin: middle, end }, read));
}
