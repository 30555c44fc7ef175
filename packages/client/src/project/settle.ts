import { GraftError } from "@graft/error";
import { highestVersion, parseSpecifier } from "@graft/format";
import type { VersionRecord } from "@graft/protocol";
import type { AdapterClient, Pulled } from "../adapter-client.ts";
import { type LockedAdapter, type LockFile, scopeOf } from "./lock-file.ts";
import type { ProjectFile } from "./project-file.ts";

/** A client for the registry of a scope; `locked` is the one that the lock names. */
export type ClientFor = (scope: string, locked: string | undefined) => Promise<AdapterClient>;

/** What settling and fetching need. */
export interface SettleOptions {
  readonly clientFor: ClientFor;
  /** Told of a version that is taken and that nobody should use any more. */
  readonly deprecated?: ((record: VersionRecord) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Chooses a version for every adapter that an app asks for. What is locked and still fits stays, unless it is `fresh`. */
export async function settle(
  project: ProjectFile,
  lock: LockFile,
  options: SettleOptions & { readonly fresh?: ReadonlySet<string> },
): Promise<LockFile> {
  // What nothing asks for any more also gives its scope free for another registry.
  const kept = Object.entries(lock.adapters).filter(([name]) => Object.hasOwn(project.adapters, name));
  let settled: LockFile = { ...lock, adapters: Object.fromEntries(kept), registries: registriesOf(kept, lock) };
  for (const [name, range] of Object.entries(project.adapters)) {
    const locked = settled.adapters[name];
    if (locked !== undefined && options.fresh?.has(name) !== true) {
      if (locked.range === range) continue;
      if (allows(range, locked.version)) {
        settled = { ...settled, adapters: { ...settled.adapters, [name]: { ...locked, range } } };
        continue;
      }
    }
    settled = (await choose(`${name}@${range}`, settled, { ...options, range: () => range })).lock;
  }
  return settled;
}

/** Resolves one specifier and pins what it gives. `range` says how graft.json will ask for it. CONFLICT when its scope belongs to another registry. */
export async function choose(
  specifier: string,
  lock: LockFile,
  { clientFor, deprecated, signal, range }: SettleOptions & { readonly range: (record: VersionRecord) => string },
): Promise<{ record: VersionRecord; lock: LockFile }> {
  const { name } = parseSpecifier(specifier);
  const scope = scopeOf(name);
  const bound = lock.registries[scope];
  const client = await clientFor(scope, bound);
  const { registry } = client.registry.connection;
  if (bound !== undefined && bound !== registry) {
    throw new GraftError("CONFLICT", `Cannot take "${name}" from ${registry}: the lock has ${scope} from ${bound}`, {
      hint: `Remove the adapters of ${scope} first, or use ${bound}`,
    });
  }
  const record = await client.resolve(specifier, { signal });
  if (record.deprecated !== undefined) deprecated?.(record);
  const { version, digest, size, base } = record;
  const entry = { version, digest, size, range: range(record), base } as LockedAdapter;
  return {
    record,
    lock: { ...lock, registries: { ...lock.registries, [scope]: registry }, adapters: { ...lock.adapters, [name]: entry } },
  };
}

/** Fetches a pinned version into the cache, unless it is there: then nobody is asked. DIGEST_MISMATCH when the registry has another under this version. */
export async function fetchLocked(
  name: string,
  lock: LockFile,
  options: SettleOptions & { readonly progress?: ((done: number, total: number) => void) | undefined } & {
    readonly find: (digest: LockedAdapter["digest"]) => Promise<string | undefined>;
  },
): Promise<Omit<Pulled, "record">> {
  const { clientFor, deprecated, find, signal, progress } = options;
  const entry = lock.adapters[name] as LockedAdapter;
  const found = await find(entry.digest);
  if (found !== undefined) return { path: found, cached: true };
  const scope = scopeOf(name);
  const client = await clientFor(scope, lock.registries[scope]);
  const record = await client.resolve(`${name}@${entry.version}`, { signal });
  if (record.digest !== entry.digest || record.base !== entry.base) {
    const what = record.digest === entry.digest ? "base" : "digest";
    throw new GraftError(
      "DIGEST_MISMATCH",
      `Cannot install "${name}@${entry.version}": ${client.registry.connection.registry} says its ${what} is ${record[what]}, the lock says ${entry[what]}`,
      {
        hint: "A version never changes: use neither until you know which of the two was changed",
        detail: { locked: entry[what], found: record[what] },
      },
    );
  }
  if (record.deprecated !== undefined) deprecated?.(record);
  return client.fetch(record, { signal, progress });
}

/** Whether a range of versions takes a version; a tag takes none for sure. */
function allows(range: string, version: string): boolean {
  const { range: read } = parseSpecifier(`@a/b@${range}`);
  return read !== undefined && highestVersion([version], read) !== undefined;
}

function registriesOf(kept: readonly (readonly [string, unknown])[], { registries }: LockFile): LockFile["registries"] {
  const scopes = new Set(kept.map(([name]) => scopeOf(name)));
  return Object.fromEntries(Object.entries(registries).filter(([scope]) => scopes.has(scope)));
}
