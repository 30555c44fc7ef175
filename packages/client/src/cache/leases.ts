import { rmSync } from "node:fs";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isOver, MARK } from "./process-mark.ts";

/** Leases of this process, by path, whichever cache they belong to. */
const held = new Set<string>();

/**
 * Who uses which entry: `leases/<hex>.<host>.<pid>` is an empty file that a process leaves for every entry that it was given, until it
 * ends. An entry with a lease is not evicted.
 */
export class Leases {
  readonly #folder: string;

  constructor(cache: string) {
    this.#folder = join(cache, "leases");
  }

  /** Marks an entry, named by its hex digits, as used by this process. */
  async take(digits: string): Promise<void> {
    const path = join(this.#folder, `${digits}.${MARK}`);
    if (held.has(path)) return;
    await mkdir(this.#folder, { recursive: true });
    await writeFile(path, "");
    if (held.size === 0) process.on("exit", dropAll);
    held.add(path);
  }

  /** Hex digits of the entries that living processes use; what dead ones left is removed. */
  async taken(): Promise<ReadonlySet<string>> {
    const names = await readdir(this.#folder).catch(() => []);
    const taken = new Set<string>();
    for (const name of names) {
      const path = join(this.#folder, name);
      const [digits = "", ...mark] = name.split(".");
      if (held.has(path)) taken.add(digits);
      else if (isOver(mark.join("."), (await stat(path).catch(() => undefined))?.mtimeMs ?? 0)) await rm(path, { force: true });
      else taken.add(digits);
    }
    return taken;
  }
}

function dropAll(): void {
  for (const path of held) rmSync(path, { force: true });
}
