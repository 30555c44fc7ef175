import { closeSync, mkdtempSync, openSync, read, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fileError } from "@graft/files";
import type { Example, ExampleStore } from "../examples.ts";
import { packExample, unpackExample } from "./packed-example.ts";

/** Bytes of encoded rows that are kept in memory: about a million short texts. What is more goes to a temporary file, all of it. */
export const MEMORY_BYTES = 64 * 2 ** 20;
/** Bytes that are written at once. */
const WRITE_BYTES = 2 ** 20;

const readAt = promisify(read);

/** A store that is emptied when the run ends. */
export interface ClosableStore<E extends Example> extends ExampleStore<E> {
  close(): void;
}

/** Keeps examples in memory up to a bound and in a temporary file beyond it; then 12 bytes a row stay in memory. DISK_FULL, NOT_WRITABLE. */
export function spillingStore<E extends Example>(options: { readonly memoryBytes?: number } = {}): ClosableStore<E> {
  return new SpillingStore<E>(options.memoryBytes ?? MEMORY_BYTES);
}

class SpillingStore<E extends Example> implements ClosableStore<E> {
  readonly #memoryBytes: number;
  #memory: Uint8Array[] | undefined = [];
  #size = 0;
  /** Where each example begins, and how long it is. */
  readonly #begins = new Growing(Float64Array);
  readonly #lengths = new Growing(Uint32Array);
  #file: number | undefined;
  #folder: string | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  constructor(memoryBytes: number) {
    this.#memoryBytes = memoryBytes;
  }

  add(example: E): void {
    const bytes = packExample(example);
    this.#begins.push(this.#size);
    this.#lengths.push(bytes.length);
    this.#size += bytes.length;
    if (this.#memory !== undefined && this.#size <= this.#memoryBytes) {
      this.#memory.push(bytes);
      return;
    }
    if (this.#memory !== undefined) this.#spill(this.#memory);
    this.#write(bytes);
  }

  async read(numbers: readonly number[]): Promise<readonly E[]> {
    this.#flush();
    return Promise.all(numbers.map(async (number) => unpackExample(await this.#bytes(number)) as E));
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#memory = [];
  }

  async #bytes(number: number): Promise<Uint8Array> {
    const kept = this.#memory?.[number];
    if (kept !== undefined) return kept;
    const length = this.#lengths.at(number);
    const bytes = new Uint8Array(length);
    await readAt(this.#file ?? -1, bytes, 0, length, this.#begins.at(number));
    return bytes;
  }

  #spill(memory: readonly Uint8Array[]): void {
    this.#memory = undefined;
    guarded(() => {
      this.#folder = mkdtempSync(join(tmpdir(), "graft-rows-"));
      this.#file = openSync(join(this.#folder, "rows"), "w+");
      // Where the system allows it, the file is gone as soon as nobody reads it, however the process ends.
      if (process.platform !== "win32") rmSync(this.#folder, { recursive: true, force: true });
    });
    for (const bytes of memory) this.#write(bytes);
  }

  #write(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= WRITE_BYTES) this.#flush();
  }

  #flush(): void {
    const file = this.#file;
    if (file === undefined || this.#waitingBytes === 0) return;
    const block = Buffer.concat(this.#waiting);
    guarded(() => {
      for (let at = 0; at < block.length;) at += writeSync(file, block, at);
    });
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}

function guarded(work: () => void): void {
  try {
    work();
  } catch (cause) {
    throw fileError(cause, "keep the rows in a temporary file");
  }
}

/** Numbers in one block of memory that doubles. */
class Growing<T extends Float64Array | Uint32Array> {
  readonly #make: new (size: number) => T;
  #values: T;
  #count = 0;

  constructor(make: new (size: number) => T) {
    this.#make = make;
    this.#values = new make(1024);
  }

  push(value: number): void {
    if (this.#count === this.#values.length) {
      const grown = new this.#make(this.#count * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#count++] = value;
  }

  at(index: number): number {
    return this.#values[index] ?? 0;
  }
}
