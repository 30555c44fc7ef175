import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, utimes, type FileHandle } from "node:fs/promises";
import { basename, join } from "node:path";
import { createHasher, formatDigest, type Digest, type Hasher } from "@graft/digest";
import { hashFile } from "@graft/digest/node";
import { GraftError } from "@graft/error";
import { fileError } from "@graft/files";
import type { AdapterCache, PartialBlob } from "./adapter-cache.ts";
import { blobPath, cacheEntries, type CacheEntry } from "./cache-entries.ts";
import { Leases } from "./leases.ts";
import { pruneCache, type Pruned, type PruneOptions, untilNobodyRemoves, type VerifiedCache, verifyCache } from "./maintain-cache.ts";
import { isOver, MARK } from "./process-mark.ts";

/** Bytes that a cache may have before the longest unused entries go. */
export interface BlobCacheOptions {
  readonly limit?: number | undefined;
}

/**
 * Blobs by digest in a folder that many processes share: `blobs/sha256/ab/cdef…` holds whole blobs, `partial/<hex>.<host>.<pid>.<random>`
 * what one download is fetching, `leases/<hex>.<host>.<pid>` says who uses what. A download whose process is over is taken over by
 * renaming it. Only removing takes a lock.
 */
export class BlobCache implements AdapterCache {
  readonly folder: string;
  readonly #limit: number;
  readonly #leases: Leases;

  constructor(folder: string, options: BlobCacheOptions = {}) {
    this.folder = folder;
    this.#limit = options.limit ?? Number.POSITIVE_INFINITY;
    this.#leases = new Leases(folder);
  }

  /** Path of a blob whose bytes have this digest, which stays until this process ends; undefined where it is missing or damaged. */
  async find(digest: Digest): Promise<string | undefined> {
    const digits = digest.slice("sha256:".length);
    const path = blobPath(this.folder, digits);
    if (!(await isThere(path))) return undefined;
    await this.#use(digits);
    await untilNobodyRemoves(this.folder);
    if (!(await isThere(path))) return undefined;
    // A damaged one is left for the next download to replace: another process may be doing that now.
    const actual = await hashFile(path).catch(() => undefined);
    if (actual?.digest !== digest) return undefined;
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined);
    return path;
  }

  /** Opens a download, going on from what a process that died left. */
  async open(digest: Digest): Promise<PartialBlob> {
    const digits = digest.slice("sha256:".length);
    const folder = join(this.folder, "partial");
    const path = join(folder, `${digits}.${MARK}.${randomBytes(4).toString("hex")}`);
    try {
      await mkdir(folder, { recursive: true });
      await takeOver(folder, { digits, path });
      const handle = await open(path, "a+");
      const { hasher, size } = await rehash(path);
      await this.#use(digits);
      const target = blobPath(this.folder, digits);
      return new FilePartial({ digest, handle, hasher, offset: size, path, target, arrived: () => this.#keepWithin() });
    } catch (cause) {
      throw fileError(cause, `write into the cache "${this.folder}"`);
    }
  }

  /** All blobs, the longest unused first. */
  entries(): Promise<readonly CacheEntry[]> {
    return cacheEntries(this.folder);
  }

  /** Reads every blob and removes the damaged ones. */
  verify(options: Parameters<typeof verifyCache>[1] = {}): Promise<VerifiedCache> {
    return verifyCache(this.folder, options);
  }

  /** Removes blobs that nobody uses, down to the cache's own limit where none is given, and downloads that were given up. */
  prune(options: PruneOptions = {}): Promise<Pruned> {
    return pruneCache(this.folder, { ...options, limit: options.limit ?? this.#limit, leases: this.#leases });
  }

  /** Where nothing can be written, as in a read-only image, nothing is removed either. */
  async #use(digits: string): Promise<void> {
    await this.#leases.take(digits).catch(() => undefined);
  }

  async #keepWithin(): Promise<void> {
    const total = (await this.entries()).reduce((sum, { size }) => sum + size, 0);
    if (total > this.#limit) await this.prune();
  }
}

class FilePartial implements PartialBlob {
  offset: number;
  readonly #digest: Digest;
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #target: string;
  readonly #arrived: () => Promise<void>;
  #hasher: Hasher;

  constructor(parts: {
    digest: Digest;
    handle: FileHandle;
    hasher: Hasher;
    offset: number;
    path: string;
    target: string;
    /** Called when the blob is in its place. */
    arrived: () => Promise<void>;
  }) {
    this.offset = parts.offset;
    this.#digest = parts.digest;
    this.#handle = parts.handle;
    this.#hasher = parts.hasher;
    this.#path = parts.path;
    this.#target = parts.target;
    this.#arrived = parts.arrived;
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#handle.appendFile(bytes);
    } catch (cause) {
      throw fileError(cause, `write into the cache "${this.#path}"`);
    }
    this.#hasher.update(bytes);
    this.offset += bytes.length;
  }

  async restart(): Promise<void> {
    await this.#handle.truncate(0);
    this.#hasher = await createHasher();
    this.offset = 0;
  }

  async commit(): Promise<string> {
    const actual = formatDigest(this.#hasher.digest());
    try {
      await this.#handle.sync();
      await this.#handle.close();
      if (actual === this.#digest) {
        await mkdir(join(this.#target, ".."), { recursive: true });
        await rename(this.#path, this.#target);
        await this.#arrived();
        return this.#target;
      }
      await rm(this.#path, { force: true });
    } catch (cause) {
      throw fileError(cause, `write into the cache "${this.#target}"`);
    }
    throw new GraftError("DIGEST_MISMATCH", `Cannot accept the download: its digest is ${actual}, not ${this.#digest}`, {
      hint: "Try again; if it stays, the registry or something between you and it changes the bytes",
      detail: { expected: this.#digest, found: actual },
    });
  }

  async close(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    left.add(this.#path);
  }

  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(this.#path, { force: true });
  }
}

/** Partials that this process stopped writing. */
const left = new Set<string>();

async function takeOver(folder: string, partial: { digits: string; path: string }): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!name.startsWith(`${partial.digits}.`) || !(await isGivenUp(path))) continue;
    left.delete(path);
    // Of two that try, one renames and the other finds nothing.
    if (
      await rename(path, partial.path).then(
        () => true,
        () => false,
      )
    )
      return;
  }
}

async function isGivenUp(path: string): Promise<boolean> {
  const [, host = "", pid = ""] = basename(path).split(".");
  const changed = (await stat(path).catch(() => undefined))?.mtimeMs ?? Number.POSITIVE_INFINITY;
  return left.has(path) || isOver(`${host}.${pid}`, changed);
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}

async function rehash(path: string): Promise<{ hasher: Hasher; size: number }> {
  const hasher = await createHasher();
  let size = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>) {
    hasher.update(chunk);
    size += chunk.length;
  }
  return { hasher, size };
}
