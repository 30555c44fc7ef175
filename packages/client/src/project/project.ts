import type { VersionRecord } from "@graft/protocol";
import { resolve } from "node:path";
import { GraftError } from "@graft/error";
import { highestVersion, parseSpecifier } from "@graft/format";
import type { BlobCache } from "../cache/blob-cache.ts";
import { readConfiguration, userFolders } from "../configuration-file.ts";
import { type ClientOptions, createClient, openCache } from "../create-client.ts";
import { changesBetween, type LockChange } from "./changes.ts";
import { whileHolding } from "./hold-project.ts";
import { type LockedAdapter, type LockFile, scopeOf, sorted } from "./lock-file.ts";
import type { ProjectFile } from "./project-file.ts";
import { readLock, readProject, writeLock, writeProject } from "./project-files.ts";
import { choose, type ClientFor, fetchLocked, settle } from "./settle.ts";

/** Where a project's adapters come from; what is left out comes from the lock, the environment and the configuration file. */
export type ProjectOptions = Pick<ClientOptions, "registry" | "token" | "cache" | "environment" | "fetch">;

/** How a change of a project is followed and stopped. */
export interface ProjectCallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((name: string, done: number, total: number) => void) | undefined;
  /** Told of a version that is taken and that nobody should use any more. */
  readonly deprecated?: ((record: VersionRecord) => void) | undefined;
}

/** An adapter that is pinned and on this disk. */
export interface InstalledAdapter extends LockedAdapter {
  readonly name: string;
  readonly registry: string;
  readonly path: string;
  /** Whether it was in the cache already. */
  readonly cached: boolean;
}

/** What an app has now, and what became different in its lock. */
export interface ProjectChange {
  readonly adapters: readonly InstalledAdapter[];
  readonly changes: readonly LockChange[];
}

/** An adapter that the lock pins, and whether it is on this disk. */
export interface PinnedAdapter extends LockedAdapter {
  readonly name: string;
  readonly registry: string;
  /** Path in the cache, where it is there. */
  readonly path: string | undefined;
}

/** How a pinned adapter stands beside what its registry has. */
export interface OutdatedAdapter {
  readonly name: string;
  /** What is pinned; undefined before the first install. */
  readonly current: string | undefined;
  /** The best that the range takes. */
  readonly wanted: string;
  readonly latest: string;
  readonly range: string;
}

/** Downloads at a time. */
const PARALLEL = 4;

/** The adapters of an app: `graft.json` says which it wants, `graft-lock.json` which it got. Every change is whole or not at all, and waits for other processes. */
export class Project {
  readonly folder: string;
  readonly #options: ProjectOptions;
  readonly #cache: BlobCache;

  private constructor(folder: string, options: ProjectOptions, cache: BlobCache) {
    this.folder = folder;
    this.#options = options;
    this.#cache = cache;
  }

  /** The project in a folder, which need not have its files yet. */
  static async open(folder: string, options: ProjectOptions = {}): Promise<Project> {
    const configuration = await readConfiguration(userFolders(options.environment ?? process.env).configuration);
    return new Project(resolve(folder), options, openCache(options, configuration));
  }

  /** Adds adapters by `@scope/name`, with a range or a tag, or changes the range of one that is there. A name alone takes `^` of the latest version. */
  add(specifiers: readonly string[], options: ProjectCallOptions & { readonly exact?: boolean } = {}): Promise<ProjectChange> {
    return this.#change(options, async (project, lock) => {
      let next = lock;
      const adapters = { ...project.adapters };
      for (const specifier of specifiers) {
        const { name, range } = parseSpecifier(specifier);
        const chosen = await choose(specifier, next, {
          ...options,
          clientFor: this.#clientFor,
          range: ({ version }) => range ?? (options.exact === true ? version : `^${version}`),
        });
        next = chosen.lock;
        adapters[name] = (next.adapters[name] as LockedAdapter).range;
      }
      return { project: { ...project, adapters }, lock: next };
    });
  }

  /** Removes adapters from both files; their bytes stay in the cache. USAGE for a name that is not there. */
  remove(names: readonly string[], options: ProjectCallOptions = {}): Promise<ProjectChange> {
    return this.#change(options, async (project, lock) => {
      const known = (name: string): boolean => Object.hasOwn(project.adapters, name) || Object.hasOwn(lock.adapters, name);
      for (const name of names) if (!known(name)) throw unknown("remove", name);
      const adapters = Object.fromEntries(Object.entries(project.adapters).filter(([name]) => !names.includes(name)));
      return { project: { ...project, adapters }, lock };
    });
  }

  /** Fetches exactly what is pinned, and pins what is not yet. `frozen` refuses to change the lock: LOCK_OUTDATED. */
  async install(options: ProjectCallOptions & { readonly frozen?: boolean } = {}): Promise<ProjectChange> {
    if (options.frozen !== true) return this.#change(options, async (project, lock) => ({ project, lock }));
    const [project, lock] = [await readProject(this.folder), await readLock(this.folder)];
    const names = new Set([...Object.keys(project.adapters), ...Object.keys(lock.adapters)]);
    const differing = [...names].filter((name) => lock.adapters[name]?.range !== project.adapters[name]).toSorted();
    if (differing.length > 0) {
      throw new GraftError(
        "LOCK_OUTDATED",
        `Cannot install: graft-lock.json does not say what graft.json asks for: ${differing.join(", ")}`,
        {
          hint: "Run graft install without --frozen, and commit graft-lock.json",
          detail: { differing },
        },
      );
    }
    return { adapters: await this.#fetch(lock, options), changes: [] };
  }

  /** Pins the best versions that the ranges take now, of all adapters or of some. */
  update(names: readonly string[] = [], options: ProjectCallOptions = {}): Promise<ProjectChange> {
    return this.#change(options, async (project, lock) => {
      for (const name of names) if (!Object.hasOwn(project.adapters, name)) throw unknown("update", name);
      return { project, lock, fresh: new Set(names.length === 0 ? Object.keys(project.adapters) : names) };
    });
  }

  /** What the registries have beside what is pinned; adapters that are up to date are left out. */
  async outdated(options: ProjectCallOptions = {}): Promise<OutdatedAdapter[]> {
    const [project, lock] = [await readProject(this.folder), await readLock(this.folder)];
    const found: OutdatedAdapter[] = [];
    for (const [name, range] of Object.entries(sorted(Object.entries(project.adapters)))) {
      const scope = scopeOf(name);
      const client = await this.#clientFor(scope, lock.registries[scope]);
      const [wanted, latest] = await Promise.all([`${name}@${range}`, name].map((specifier) => client.resolve(specifier, options)));
      const current = lock.adapters[name]?.version;
      if (wanted === undefined || latest === undefined || (current === wanted.version && current === latest.version)) continue;
      found.push({ name, current, wanted: wanted.version, latest: latest.version, range });
    }
    return found;
  }

  /** What is pinned. */
  async list(): Promise<PinnedAdapter[]> {
    const lock = await readLock(this.folder);
    const entries = Object.entries(sorted(Object.entries(lock.adapters)));
    return Promise.all(
      entries.map(async ([name, entry]) => ({
        name,
        ...entry,
        registry: lock.registries[scopeOf(name)] ?? "",
        path: await this.#cache.find(entry.digest),
      })),
    );
  }

  /** Fetches what the lock pins of a name; undefined where it pins none that the specifier means. */
  async fetch(specifier: string, options: ProjectCallOptions = {}): Promise<InstalledAdapter | undefined> {
    const { name, range } = parseSpecifier(specifier);
    const lock = await readLock(this.folder);
    const pinned = lock.adapters[name];
    const meant =
      specifier === name || (pinned !== undefined && range !== undefined && highestVersion([pinned.version], range) !== undefined);
    if (pinned === undefined || !meant) return undefined;
    return this.#fetchOne(name, lock, options);
  }

  async #change(
    options: ProjectCallOptions,
    decide: (project: ProjectFile, lock: LockFile) => Promise<{ project: ProjectFile; lock: LockFile; fresh?: ReadonlySet<string> }>,
  ): Promise<ProjectChange> {
    return whileHolding(this.folder, { cache: this.#cache.folder, signal: options.signal }, async () => {
      const [before, locked] = [await readProject(this.folder), await readLock(this.folder)];
      const decided = await decide(before, locked);
      const { fresh = new Set<string>() } = decided;
      const lock = await settle(decided.project, decided.lock, { ...options, clientFor: this.#clientFor, fresh });
      // Both files say only what is on this disk, verified.
      const adapters = await this.#fetch(lock, options);
      await writeLock(this.folder, lock);
      if (decided.project !== before) await writeProject(this.folder, decided.project);
      return { adapters, changes: changesBetween(locked, lock) };
    });
  }

  async #fetchOne(name: string, lock: LockFile, { signal, progress, deprecated }: ProjectCallOptions): Promise<InstalledAdapter> {
    const place = await fetchLocked(name, lock, {
      clientFor: this.#clientFor,
      find: (digest) => this.#cache.find(digest),
      deprecated,
      signal,
      progress: (done, total) => progress?.(name, done, total),
    });
    return { name, ...(lock.adapters[name] as LockedAdapter), registry: lock.registries[scopeOf(name)] ?? "", ...place };
  }

  async #fetch(lock: LockFile, options: ProjectCallOptions): Promise<InstalledAdapter[]> {
    const waiting = Object.keys(lock.adapters).toSorted();
    const fetched = new Map<string, InstalledAdapter>();
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        fetched.set(next, await this.#fetchOne(next, lock, options));
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
    return Object.values(sorted([...fetched]));
  }

  readonly #clientFor: ClientFor = (scope, locked) => createClient({ ...this.#options, scope, locked });
}

function unknown(what: string, name: string): GraftError {
  return new GraftError("USAGE", `Cannot ${what} "${name}": graft.json does not ask for it`, { hint: "See graft ls" });
}
