import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "@graft/digest";
import { hashFile } from "@graft/digest/node";
import { isGraftError } from "@graft/error";
import { fileError, holdFolder, isHeld } from "@graft/files";
import { cacheEntries, removeAbandoned } from "./cache-entries.ts";
import type { Leases } from "./leases.ts";

/** What is kept when a cache is pruned. */
export interface PruneOptions {
  /** Bytes that may stay; the longest unused entries go first. */
  readonly limit?: number | undefined;
  /** Milliseconds after which an entry that nobody used goes. */
  readonly unusedFor?: number | undefined;
}

/** What pruning did. */
export interface Pruned {
  readonly removed: readonly Digest[];
  /** Bytes of entries and of downloads that were given up. */
  readonly freed: number;
  readonly kept: number;
  /** Entries that would have gone, but a process uses them. */
  readonly inUse: readonly Digest[];
}

/** What was found when every byte of a cache was read. */
export interface VerifiedCache {
  readonly entries: number;
  readonly bytes: number;
  /** Entries whose bytes had another digest; they are removed, and fetched again when they are wanted. */
  readonly damaged: readonly Digest[];
}

/** Milliseconds between two looks at whether somebody else is still removing entries. */
const LOOK_AGAIN = 10;

/** The folder that is held while entries are removed. */
function guard(cache: string): string {
  return join(cache, "removing");
}

/** Waits until nobody removes entries: a lease that was taken before is seen by everybody who begins afterwards. */
export async function untilNobodyRemoves(cache: string): Promise<void> {
  while (await isHeld(guard(cache))) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
}

/** Removes entries that nobody uses: all that are over the limit or unused for long. */
export async function pruneCache(cache: string, options: PruneOptions & { readonly leases: Leases }): Promise<Pruned> {
  const { leases, limit = Number.POSITIVE_INFINITY, unusedFor = Number.POSITIVE_INFINITY } = options;
  return whileRemoving(cache, async () => {
    const taken = await leases.taken();
    const entries = await cacheEntries(cache);
    const removed: Digest[] = [];
    const inUse: Digest[] = [];
    let total = entries.reduce((sum, { size }) => sum + size, 0);
    let freed = await removeAbandoned(cache);
    for (const { digest, path, size, lastUsed } of entries) {
      if (total <= limit && Date.now() - lastUsed.getTime() <= unusedFor) continue;
      if (taken.has(digest.slice("sha256:".length))) {
        inUse.push(digest);
        continue;
      }
      await rm(path, { force: true });
      removed.push(digest);
      total -= size;
      freed += size;
    }
    return { removed, freed, kept: total, inUse };
  });
}

/** Reads every entry and removes those whose bytes are not what their name says. */
export async function verifyCache(
  cache: string,
  options: { readonly signal?: AbortSignal | undefined; readonly progress?: ((done: number, total: number) => void) | undefined } = {},
): Promise<VerifiedCache> {
  const entries = await cacheEntries(cache);
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  const damaged: Digest[] = [];
  let done = 0;
  for (const { digest, path, size } of entries) {
    options.signal?.throwIfAborted();
    const before = await stat(path).catch(() => undefined);
    const actual = await hashFile(path).catch(() => undefined);
    // An entry that went away meanwhile is not damaged.
    if (before !== undefined && actual !== undefined && actual.digest !== digest) {
      damaged.push(digest);
      await whileRemoving(cache, async () => {
        // Somebody may have fetched it again.
        if ((await stat(path).catch(() => undefined))?.ino === before.ino) await rm(path, { force: true });
      });
    }
    done += size;
    options.progress?.(done, total);
  }
  return { entries: entries.length, bytes: total, damaged };
}

async function whileRemoving<Result>(cache: string, work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    let held: Awaited<ReturnType<typeof holdFolder>>;
    try {
      held = await holdFolder(guard(cache));
    } catch (cause) {
      if (!isGraftError(cause) || cause.code !== "IN_USE") throw cause;
      await untilNobodyRemoves(cache);
      continue;
    }
    try {
      return await work();
    } catch (cause) {
      throw fileError(cause, `remove from the cache "${cache}"`);
    } finally {
      await held.release();
    }
  }
}
