import { hex } from "@graft/digest";
import type { LogStore } from "@graft/storage";
import { entryHash, foldHashes, type Hash, type ReadHashes, TILE_WIDTH } from "@graft/trust";

/** Tiles that are kept in memory: 8 KiB each, so 4 MiB, which is the last 130,000 entries. */
const KEPT_TILES = 512;

/** Reads the hashes of a log. Leaves are hashed from their entries; roots of full tiles are computed once and kept in the store. */
export function logHashes(log: LogStore): ReadHashes {
  const tiles = new Map<string, readonly Hash[]>();

  const read: ReadHashes = async (level, { begin, end }) => {
    const hashes: Hash[] = [];
    for (let index = Math.floor(begin / TILE_WIDTH); index * TILE_WIDTH < end; index++) {
      const start = index * TILE_WIDTH;
      const tile = await readTile(level, { begin: start, end: Math.min(end, start + TILE_WIDTH) });
      hashes.push(...tile.slice(Math.max(begin - start, 0), end - start));
    }
    return hashes;
  };

  /** The first hashes of a tile, up to `end`; what is known of it is gone on from, since it only grows. */
  async function readTile(level: number, { begin, end }: { begin: number; end: number }): Promise<readonly Hash[]> {
    const key = `${level}/${begin}`;
    const known = tiles.get(key) ?? [];
    const rest = { begin: begin + known.length, end };
    const tile = rest.begin >= end ? known : [...known, ...(level === 0 ? await leafHashes(rest) : await rootHashes(level, rest))];
    tiles.delete(key);
    tiles.set(key, tile);
    const [oldest] = tiles.keys();
    if (tiles.size > KEPT_TILES && oldest !== undefined) tiles.delete(oldest);
    return tile;
  }

  async function leafHashes(range: { begin: number; end: number }): Promise<Hash[]> {
    return Promise.all((await log.entries(range)).map((entry) => entryHash(entry)));
  }

  async function rootHashes(level: number, { begin, end }: { begin: number; end: number }): Promise<Hash[]> {
    const kept = await log.roots(level, { begin, end });
    const roots: Hash[] = kept.map((text) => new Uint8Array(text.match(/../g)?.map((digits) => Number.parseInt(digits, 16)) ?? []));
    const made: { index: number; root: string }[] = [];
    for (let index = begin + roots.length; index < end; index++) {
      const root = await foldHashes(await read(level - 1, { begin: index * TILE_WIDTH, end: (index + 1) * TILE_WIDTH }));
      made.push({ index, root: hex(root) });
      roots.push(root);
    }
    await log.keepRoots(level, made);
    return roots;
  }

  return read;
}
