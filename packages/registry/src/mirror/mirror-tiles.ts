import { fromBase64, type ReadHashes, toBase64, TILE_WIDTH, tilePath, tileReader } from "@graft/trust";
import type { MirrorStore } from "./mirror-store.ts";
import { type FetchUpstream, upstreamBytes } from "./upstream.ts";

/** Hashes of upstream's tree. */
export interface MirrorTiles {
  /** The hashes of the tree of so many leaves; what is not kept comes from upstream, and waits to be kept. */
  read(size: number): ReadHashes;
  /** Keeps what came from upstream since: it was part of proofs that hold. */
  keep(): Promise<void>;
  /** Forgets what came from upstream since. */
  forget(): void;
}

/** Tiles by their place: one only grows, so its widest form holds all others. */
export function mirrorTiles({ store, fetchUpstream }: { store: MirrorStore; fetchUpstream: FetchUpstream }): MirrorTiles {
  const kept = new Map<string, Uint8Array>();
  const waiting = new Map<string, Uint8Array>();
  return {
    read: (size) =>
      tileReader(size, async (tile) => {
        const key = tilePath({ ...tile, width: TILE_WIDTH });
        const wanted = tile.width * 32;
        for (const source of [waiting.get(key), kept.get(key), await read(store, key)])
          if (source !== undefined && source.length >= wanted) {
            if (!waiting.has(key)) kept.set(key, source);
            return source.subarray(0, wanted);
          }
        const bytes = await upstreamBytes(fetchUpstream, `/v1/log/${tilePath(tile)}`);
        waiting.set(key, bytes);
        return bytes;
      }),
    keep: async () => {
      for (const [key, bytes] of waiting) {
        await store.write(key, toBase64(bytes));
        kept.set(key, bytes);
      }
      waiting.clear();
    },
    forget: () => waiting.clear(),
  };
}

async function read(store: MirrorStore, key: string): Promise<Uint8Array | undefined> {
  const text = await store.read(key);
  return text === undefined ? undefined : fromBase64(text);
}
