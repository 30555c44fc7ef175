import { leafHash, levelSize, nodeHash, type Hash, type ReadHashes } from "@graft/trust";

/** A log in memory: its leaves, and the hashes of every level of tiles, each computed by the definition. */
export async function aLog(leaves: readonly Uint8Array[]): Promise<ReadHashes> {
  const levels: Hash[][] = [await Promise.all(leaves.map((leaf) => leafHash(leaf)))];
  for (let level = 1; levelSize(leaves.length, level) > 0; level++) {
    const below = levels[level - 1] ?? [];
    levels.push(
      await Promise.all(
        Array.from({ length: levelSize(leaves.length, level) }, (_, index) => pairUp(below.slice(index * 256, index * 256 + 256))),
      ),
    );
  }
  return async (level, { begin, end }) => (levels[level] ?? []).slice(begin, end);
}

/** Leaves that say their number. */
export function numbered(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => new TextEncoder().encode(`leaf ${index}`));
}

async function pairUp(hashes: readonly Hash[]): Promise<Hash> {
  let row = [...hashes];
  while (row.length > 1)
    row = await Promise.all(
      Array.from({ length: row.length / 2 }, (_, index) => nodeHash(row[2 * index] as Hash, row[2 * index + 1] as Hash)),
    );
  return row[0] as Hash;
}
