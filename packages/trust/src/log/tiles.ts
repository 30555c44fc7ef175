import { GraftError } from "@graft/error";
import type { Hash } from "./merkle.ts";
import type { ReadHashes } from "./prove.ts";

/** Hashes of a whole tile, and leaves of a whole bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;

/** A tile or a bundle of leaves: where it stands, and how much of it is there. */
export interface Tile {
  /** Level of hashes, or the leaves themselves. */
  readonly level: number | "entries";
  readonly index: number;
  /** 1 to 256. */
  readonly width: number;
}

/** Path below the log's address, such as `tile/0/x001/067.p/8`. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0");
  const groups = digits.match(/\d{3}/g) ?? [];
  const path = groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join("/");
  return `tile/${level}/${path}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}

/** Reads a path that tilePath wrote; undefined for any other. */
export function parseTilePath(path: string): Tile | undefined {
  const match = /^tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (match === null) return undefined;
  const tile: Tile = {
    level: match[1] === "entries" ? "entries" : Number(match[1]),
    index: Number(match[2]?.replaceAll(/[x/]/g, "")),
    width: match[3] === undefined ? TILE_WIDTH : Number(match[3]),
  };
  return tile.width >= 1 && tilePath(tile) === path ? tile : undefined;
}

/** Hashes that a level of tiles has in a tree. */
export function levelSize(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** Reads the hashes of a tree of `size` leaves out of its tiles: what a plain file server holds is enough for every proof. */
export function tileReader(size: number, fetchTile: (tile: Tile & { readonly level: number }) => Promise<Uint8Array>): ReadHashes {
  return async (level, { begin, end }) => {
    const hashes: Hash[] = [];
    for (let index = Math.floor(begin / TILE_WIDTH); index * TILE_WIDTH < end; index++) {
      const start = index * TILE_WIDTH;
      const tile = splitHashes(await fetchTile({ level, index, width: Math.min(TILE_WIDTH, levelSize(size, level) - start) }));
      hashes.push(...tile.slice(Math.max(begin - start, 0), end - start));
    }
    if (hashes.length !== end - begin) throw new GraftError("LOG_INVALID", "Cannot read the log: a tile has too few hashes");
    return hashes;
  };
}

/** Hashes as a tile holds them: one after the other. */
export function joinHashes(hashes: readonly Hash[]): Uint8Array<ArrayBuffer> {
  const tile = new Uint8Array(hashes.length * 32);
  for (const [index, hash] of hashes.entries()) tile.set(hash, index * 32);
  return tile;
}

function splitHashes(tile: Uint8Array): Hash[] {
  if (tile.length % 32 !== 0 || tile.length > 32 * TILE_WIDTH)
    throw new GraftError("LOG_INVALID", `Cannot read the log: a tile has ${tile.length} bytes`);
  return Array.from({ length: tile.length / 32 }, (_, index) => tile.subarray(index * 32, index * 32 + 32));
}

/** Leaves as a bundle holds them: each after its length, a big-endian u16. LIMIT_EXCEEDED past 65,535 bytes. */
export function joinLeaves(leaves: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bundle = new Uint8Array(leaves.reduce((size, leaf) => size + 2 + leaf.length, 0));
  let at = 0;
  for (const leaf of leaves) {
    if (leaf.length > 0xff_ff) throw new GraftError("LIMIT_EXCEEDED", `Cannot write a leaf of ${leaf.length} bytes, want at most 65535`);
    bundle.set([leaf.length >> 8, leaf.length & 0xff], at);
    bundle.set(leaf, at + 2);
    at += 2 + leaf.length;
  }
  return bundle;
}

/** The leaves of a bundle; LOG_INVALID when it is cut short. */
export function splitLeaves(bundle: Uint8Array): Uint8Array[] {
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < bundle.length;) {
    const end = at + 2 + (bundle[at] ?? 0) * 256 + (bundle[at + 1] ?? 0);
    if (end > bundle.length || at + 2 > bundle.length)
      throw new GraftError("LOG_INVALID", "Cannot read the log: a bundle of leaves is cut short");
    leaves.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return leaves;
}
