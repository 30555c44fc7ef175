import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "@graft/digest";
import { isOver } from "./process-mark.ts";

/** A blob of the cache. */
export interface CacheEntry {
  readonly digest: Digest;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly lastUsed: Date;
}

/** Where the blob of some hex digits lies. */
export function blobPath(cache: string, digits: string): string {
  return join(cache, "blobs", "sha256", digits.slice(0, 2), digits.slice(2));
}

/** All whole blobs, the longest unused first. */
export async function cacheEntries(cache: string): Promise<CacheEntry[]> {
  const root = join(cache, "blobs", "sha256");
  const entries: CacheEntry[] = [];
  for (const begin of await names(root)) {
    for (const rest of await names(join(root, begin))) {
      const path = join(root, begin, rest);
      const facts = await stat(path).catch(() => undefined);
      if (facts?.isFile() !== true || !/^[0-9a-f]{64}$/.test(begin + rest)) continue;
      entries.push({ digest: `sha256:${begin}${rest}`, path, size: facts.size, lastUsed: facts.mtime });
    }
  }
  return entries.toSorted((left, right) => left.lastUsed.getTime() - right.lastUsed.getTime());
}

/** Removes what downloads left that nobody goes on with. Gives the bytes that were freed. */
export async function removeAbandoned(cache: string): Promise<number> {
  const folder = join(cache, "partial");
  let freed = 0;
  for (const name of await names(folder)) {
    const path = join(folder, name);
    const facts = await stat(path).catch(() => undefined);
    const [, host = "", pid = ""] = name.split(".");
    if (facts === undefined || !isOver(`${host}.${pid}`, facts.mtimeMs)) continue;
    await rm(path, { force: true });
    freed += facts.size;
  }
  return freed;
}

async function names(folder: string): Promise<string[]> {
  return readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return [];
    throw cause;
  });
}
