import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { createHasher, formatDigest, type Digest, type Hasher } from "@graft/digest";
import { hashFile } from "@graft/digest/node";
import { GraftError } from "@graft/error";
import { fileError } from "@graft/files";

/** A download under way: bytes are hashed as they are written, and the blob appears only when its digest is right. */
export interface PartialBlob {
  /** Bytes that an interrupted download left, re-hashed: where to go on. */
  readonly offset: number;
  write(bytes: Uint8Array): Promise<void>;
  /** Drops what is there and begins again at byte 0. */
  restart(): Promise<void>;
  /** Puts the blob in its place; DIGEST_MISMATCH removes it instead. Gives its path. */
  commit(): Promise<string>;
  /** Leaves the bytes for the next try. */
  close(): Promise<void>;
  /** Removes the bytes: another try could not go on from them. */
  discard(): Promise<void>;
}

/**
 * Blobs by digest in a folder that many processes share without locks: `blobs/sha256/ab/cdef…` holds whole blobs,
 * `partial/<hex>.<host>.<pid>.<random>` what one download is fetching. One whose download is over is taken over by renaming it.
 */
export class BlobCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Path of a blob whose bytes have this digest, or undefined. A blob that was damaged is removed. */
  async find(digest: Digest): Promise<string | undefined> {
    const path = this.#path(digest);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return undefined;
    const actual = await hashFile(path);
    if (actual.digest === digest) return path;
    await rm(path, { force: true });
    return undefined;
  }

  /** Opens a download, going on from what a process that died left. */
  async open(digest: Digest): Promise<PartialBlob> {
    const digits = digest.slice("sha256:".length);
    const folder = join(this.#folder, "partial");
    const path = join(folder, [digits, HOST, process.pid, randomBytes(4).toString("hex")].join("."));
    try {
      await mkdir(folder, { recursive: true });
      await takeOver(folder, { digits, path });
      const handle = await open(path, "a+");
      const { hasher, size } = await rehash(path);
      return new FilePartial({ digest, handle, hasher, offset: size, path, target: this.#path(digest) });
    } catch (cause) {
      throw fileError(cause, `write into the cache "${this.#folder}"`);
    }
  }

  #path(digest: Digest): string {
    const digits = digest.slice("sha256:".length);
    return join(this.#folder, "blobs", "sha256", digits.slice(0, 2), digits.slice(2));
  }
}

class FilePartial implements PartialBlob {
  offset: number;
  readonly #digest: Digest;
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #target: string;
  #hasher: Hasher;

  constructor(parts: { digest: Digest; handle: FileHandle; hasher: Hasher; offset: number; path: string; target: string }) {
    this.offset = parts.offset;
    this.#digest = parts.digest;
    this.#handle = parts.handle;
    this.#hasher = parts.hasher;
    this.#path = parts.path;
    this.#target = parts.target;
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

/** The host of a partial's name, without the dots that part it. */
const HOST = hostname().replaceAll(/[^\w-]/g, "_");

/** Partials that this process stopped writing. */
const left = new Set<string>();

/** Milliseconds after which a partial of another machine is taken to be given up. */
const ABANDONED = 60 * 60 * 1000;

async function takeOver(folder: string, partial: { digits: string; path: string }): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!name.startsWith(`${partial.digits}.`) || !(await isOver(path))) continue;
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

async function isOver(path: string): Promise<boolean> {
  const [, host, pid] = basename(path).split(".");
  const changed = (await stat(path).catch(() => undefined))?.mtimeMs ?? Number.POSITIVE_INFINITY;
  if (host !== HOST) return Date.now() - changed > ABANDONED;
  if (Number(pid) !== process.pid) return !isRunning(Number(pid));
  // A process of the same number may have been here before.
  return left.has(path) || changed < Date.now() - process.uptime() * 1000;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
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
