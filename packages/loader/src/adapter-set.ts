import { GraftError } from "@graft/error";
import type { Manifest } from "@graft/format";
import type { RoundedTarget } from "@graft/methods";
import type { FittedAdapter, RowAdapter } from "./engine.ts";
import type { FitKind } from "./fit.ts";

/** An adapter that a model has, and how it is known to fit. */
export interface LoadedAdapter {
  /** What `run` and `switch` call it. */
  readonly name: string;
  readonly manifest: Manifest;
  readonly digest: string;
  readonly fit: FitKind;
  /** Golden cases that were run and agreed. */
  readonly goldenCases: number;
  /** In mode `merge`, the targets that are stored narrower than float32, and what rounding left of the adapter in each. */
  readonly rounded: readonly RoundedTarget[];
}

/** What a model keeps of an adapter. */
interface Entry {
  readonly loaded: LoadedAdapter;
  readonly fitted: FittedAdapter;
}

/** The adapters of a model by name, and which of them is current. Which one is which is told by digest: other bytes of the same name get a longer one. */
export class AdapterSet {
  readonly #entries = new Map<string, Entry>();
  #current: RowAdapter;

  get current(): RowAdapter {
    return this.#current;
  }

  set current(fitted: RowAdapter) {
    this.#current = fitted;
  }

  list(): readonly LoadedAdapter[] {
    return [...this.#entries.values()].map(({ loaded }) => loaded);
  }

  /** The first one becomes current. */
  add(entry: Entry): void {
    if (this.#entries.size === 0) this.#current = entry.fitted;
    this.#entries.set(entry.loaded.name, entry);
  }

  remove(fitted: FittedAdapter): void {
    this.#entries.delete(fitted.name);
    if (this.#current === fitted) this.#current = undefined;
  }

  /** What a new adapter is called here. USAGE when these bytes are here already. */
  nameFor(own: string, { version, digest }: { version: string | undefined; digest: string }): string {
    const same = this.list().find((loaded) => loaded.digest === digest);
    if (same !== undefined) throw new GraftError("USAGE", `Cannot add "${own}": the model has it already`);
    const names = [own, `${own}@${version ?? digest}`];
    return names.find((name) => !this.#entries.has(name)) ?? `${own}@${digest}`;
  }

  /** By name, by name and version, or by digest. USAGE names those that there are. */
  find(name: string | undefined): Entry {
    const found =
      name === undefined
        ? undefined
        : (this.#entries.get(name) ??
          [...this.#entries.values()].find(
            ({ loaded }) => loaded.digest === name || `${loaded.manifest.name ?? loaded.name}@${loaded.manifest.version}` === name,
          ));
    if (found !== undefined) return found;
    const known = [...this.#entries.keys()].map((one) => `"${one}"`).join(", ");
    throw new GraftError(
      "USAGE",
      name === undefined ? "Cannot run the model: it has no adapter" : `Cannot use the adapter "${name}": the model has ${known || "none"}`,
      { hint: "Give it to load, or add it first" },
    );
  }

  /** What each row is run with; undefined means the current one, null the base alone. */
  rows(names: readonly (string | null | undefined)[]): RowAdapter[] {
    const found = new Map([...new Set(names)].map((name) => [name, this.#choose(name)] as const));
    return names.map((name) => found.get(name));
  }

  #choose(name: string | null | undefined): RowAdapter {
    if (name === null) return undefined;
    return name === undefined ? this.#current : this.find(name).fitted;
  }
}
