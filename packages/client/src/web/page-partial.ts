import { createHasher, type Digest, formatDigest, type Hasher } from "@graft/digest";
import { GraftError } from "@graft/error";
import type { PartialBlob } from "../cache/adapter-cache.ts";
import type { OpenedFile } from "./opfs.ts";

/** What becomes of a download of a page. */
export interface PartialOptions {
  readonly file: OpenedFile;
  /** What the bytes must hash to; undefined where nobody has said. */
  readonly expected: Digest | undefined;
  /** Makes the file a whole one. Gives its path. */
  readonly accept: (digest: Digest, size: number) => Promise<string>;
  readonly remove: () => Promise<void>;
  /** Called once, however it ends. */
  readonly release: () => void;
}

const CHUNK = 1 << 20;

/** Opens a download of a page: what is there is hashed, the rest while it comes. */
export async function openPartial(options: PartialOptions): Promise<PartialBlob> {
  const hasher = await createHasher();
  const size = options.file.getSize();
  const chunk = new Uint8Array(CHUNK);
  for (let at = 0; at < size;) {
    const read = options.file.read(chunk, { at });
    hasher.update(chunk.subarray(0, read));
    at += read;
  }
  return new PagePartial(options, { hasher, offset: size });
}

class PagePartial implements PartialBlob {
  offset: number;
  readonly #options: PartialOptions;
  #hasher: Hasher;

  constructor(options: PartialOptions, { hasher, offset }: { hasher: Hasher; offset: number }) {
    this.#options = options;
    this.#hasher = hasher;
    this.offset = offset;
  }

  async write(bytes: Uint8Array): Promise<void> {
    let done = 0;
    try {
      while (done < bytes.length) done += this.#options.file.write(bytes.subarray(done), { at: this.offset + done });
    } catch (cause) {
      if ((cause as DOMException).name !== "QuotaExceededError") throw cause;
      throw new GraftError("DISK_FULL", "Cannot keep the download: the browser gives this page no more space", {
        cause,
        hint: "Free some space, or ask for less",
      });
    }
    this.#hasher.update(bytes);
    this.offset += bytes.length;
  }

  async restart(): Promise<void> {
    this.#options.file.truncate(0);
    this.#hasher = await createHasher();
    this.offset = 0;
  }

  async commit(): Promise<string> {
    const { file, expected, accept, release } = this.#options;
    const actual = formatDigest(this.#hasher.digest());
    if (expected !== undefined && actual !== expected) {
      await this.discard();
      throw new GraftError("DIGEST_MISMATCH", `Cannot accept the download: its digest is ${actual}, not ${expected}`, {
        hint: "Try again; if it stays, the server or something between you and it changes the bytes",
        detail: { expected, found: actual },
      });
    }
    file.flush();
    file.close();
    try {
      return await accept(actual, this.offset);
    } finally {
      release();
    }
  }

  async close(): Promise<void> {
    this.#options.file.flush();
    this.#options.file.close();
    this.#options.release();
  }

  async discard(): Promise<void> {
    this.#options.file.close();
    await this.#options.remove();
    this.#options.release();
  }
}
