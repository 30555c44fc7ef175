import { type Digest, formatDigest } from "@graft/digest";
import { GraftError } from "@graft/error";
import type { AdapterCache, PartialBlob } from "../cache/adapter-cache.ts";
import { fileNames, findFile, openFile, openFolder, removeFile, replaceFile } from "./opfs.ts";
import { ifFree, takeLock } from "./page-locks.ts";
import { openPartial } from "./page-partial.ts";

/** Bytes that a page keeps where nobody says. */
const USUAL_LIMIT = 2e9;

/** A file that a page keeps. */
export interface KeptFile {
  readonly path: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly lastUsed: Date;
}

/** Bytes that a page may keep before the longest unused files go. */
export interface PageCacheOptions {
  readonly limit?: number | undefined;
}

/**
 * Files in the origin's private file system, shared by all its pages and kept across reloads. `graft/files/<name>` holds bytes, whole or so
 * far; `graft/whole/<name>` says that they are whole and what they hash to, and when it was written last is when they were used last.
 * What a page uses is marked by a lock that ends with it, so that no other evicts it.
 */
export class PageCache implements AdapterCache {
  readonly #files: FileSystemDirectoryHandle;
  readonly #whole: FileSystemDirectoryHandle;
  readonly #limit: number;
  readonly #used = new Set<string>();

  private constructor(folders: { files: FileSystemDirectoryHandle; whole: FileSystemDirectoryHandle }, limit: number) {
    this.#files = folders.files;
    this.#whole = folders.whole;
    this.#limit = limit;
  }

  /** Opens the cache of the origin. DEVICE_UNAVAILABLE where pages have no private file system. */
  static async open({ limit = USUAL_LIMIT }: PageCacheOptions = {}): Promise<PageCache> {
    return new PageCache({ files: await openFolder("graft", "files"), whole: await openFolder("graft", "whole") }, limit);
  }

  /** Path of the bytes of a digest, read and hashed; undefined where they are missing or damaged. */
  async find(digest: Digest): Promise<string | undefined> {
    const path = digest.slice("sha256:".length);
    return (await this.tryRead(path)) === undefined ? undefined : path;
  }

  /** The bytes of a path, if they are there and what they were when they came. */
  async tryRead(path: string): Promise<Uint8Array | undefined> {
    if ((await this.#mark(path)) === undefined) return undefined;
    await this.#use(path);
    return this.read(path).catch(() => undefined);
  }

  /** The bytes of a path. FILE_NOT_FOUND; DIGEST_MISMATCH when they were damaged, which removes them. */
  async read(path: string): Promise<Uint8Array> {
    const [mark, file] = [await this.#mark(path), await findFile(this.#files, path)];
    if (mark === undefined || file === undefined)
      throw new GraftError("FILE_NOT_FOUND", `Cannot read "${path}": this page does not keep it`);
    const bytes = new Uint8Array(await file.arrayBuffer());
    const found = formatDigest(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
    if (found === mark.digest) {
      await replaceFile(this.#whole, path, JSON.stringify({ digest: mark.digest }));
      return bytes;
    }
    await this.#remove(path);
    throw new GraftError("DIGEST_MISMATCH", `Cannot read "${path}": its bytes were damaged`, { hint: "Load again: it is fetched anew" });
  }

  open(digest: Digest): Promise<PartialBlob> {
    return this.openPath(digest.slice("sha256:".length), digest);
  }

  /** Opens a download under a path; `expected` is what it must hash to. Waits for other pages that fetch the same. */
  async openPath(path: string, expected?: Digest): Promise<PartialBlob> {
    const release = await takeLock(`graft fetch ${path}`, "exclusive");
    try {
      await this.#use(path);
      return await openPartial({
        file: await openFile(this.#files, path),
        expected,
        accept: async (digest) => {
          await replaceFile(this.#whole, path, JSON.stringify({ digest }));
          await this.prune();
          return path;
        },
        remove: () => this.#remove(path),
        release,
      });
    } catch (cause) {
      release();
      throw cause;
    }
  }

  /** All whole files, the longest unused first. */
  async entries(): Promise<KeptFile[]> {
    const kept: KeptFile[] = [];
    for (const path of await fileNames(this.#whole)) {
      const [mark, file] = [await this.#mark(path), await findFile(this.#files, path)];
      if (mark !== undefined && file !== undefined) kept.push({ path, ...mark, size: file.size });
    }
    return kept.toSorted((left, right) => left.lastUsed.getTime() - right.lastUsed.getTime());
  }

  /** Removes files that no page uses, the longest unused first, until the rest is within the limit. Gives the paths. */
  async prune(limit = this.#limit): Promise<string[]> {
    const entries = await this.entries();
    let total = entries.reduce((sum, { size }) => sum + size, 0);
    const removed: string[] = [];
    for (const { path, size } of entries) {
      if (total <= limit) break;
      if (this.#used.has(path)) continue;
      const gone = await ifFree(`graft use ${path}`, async () => {
        await this.#remove(path);
        return path;
      });
      if (gone === undefined) continue;
      removed.push(gone);
      total -= size;
    }
    return removed;
  }

  async #use(path: string): Promise<void> {
    if (this.#used.has(path)) return;
    this.#used.add(path);
    await takeLock(`graft use ${path}`, "shared");
  }

  async #mark(path: string): Promise<{ digest: Digest; lastUsed: Date } | undefined> {
    const file = await findFile(this.#whole, path);
    if (file === undefined) return undefined;
    const digest = /"digest":"(sha256:[0-9a-f]{64})"/.exec(await file.text())?.[1];
    return digest === undefined ? undefined : { digest: digest as Digest, lastUsed: new Date(file.lastModified) };
  }

  async #remove(path: string): Promise<void> {
    await removeFile(this.#whole, path);
    await removeFile(this.#files, path);
  }
}
