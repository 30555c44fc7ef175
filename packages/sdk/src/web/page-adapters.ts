import { AdapterClient, fetchLocked, type LockFile, normaliseRegistry } from "@graft/client";
import type { PageCache, PageDocuments } from "@graft/client/web";
import { pageTrust } from "@graft/client/web";
import { GraftError, isGraftError } from "@graft/error";
import { highestVersion, parseSpecifier } from "@graft/format";
import type { Resolve, Resolved } from "@graft/loader";
import { z } from "zod";

/** Where the adapters of a page come from that are given by name. */
export interface PageAdapterSource {
  readonly registry?: string | undefined;
  readonly token?: string | undefined;
  /** What the app's graft-lock.json pins. */
  readonly lock?: LockFile | undefined;
  readonly cache: PageCache;
  readonly documents: PageDocuments;
  readonly fetch: typeof fetch;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((name: string, done: number, total: number) => void) | undefined;
}

const Remembered = z.object({ digest: z.string() });

/**
 * Finds adapters by name: what the lock pins as it is pinned, without a question where the page keeps it; else what the registry has, and
 * where that does not answer, what it had last.
 */
export function pageResolver(source: PageAdapterSource): Resolve {
  const clientFor = async (locked: string | undefined): Promise<AdapterClient> => {
    const address = source.registry ?? locked;
    if (address === undefined) {
      throw new GraftError("REGISTRY_NOT_SET", "Cannot find adapters by name: no registry is given", {
        hint: "Pass `registry`, or a bundle as the base",
      });
    }
    const { token, fetch, cache, documents } = source;
    return new AdapterClient({ registry: normaliseRegistry(address), token, fetch, cache, trust: { store: pageTrust(documents) } });
  };
  return async (specifier) => (await pinned(specifier, source, clientFor)) ?? newest(specifier, source, await clientFor(undefined));
}

async function pinned(
  specifier: string,
  { lock, cache, signal, progress }: PageAdapterSource,
  clientFor: (locked: string | undefined) => Promise<AdapterClient>,
): Promise<Resolved | undefined> {
  const { name, range } = parseSpecifier(specifier);
  const entry = lock?.adapters[name];
  if (lock === undefined || entry === undefined) return undefined;
  if (specifier !== name && (range === undefined || highestVersion([entry.version], range) === undefined)) return undefined;
  const { path } = await fetchLocked(name, lock, {
    clientFor: (_, locked) => clientFor(locked),
    find: (digest) => cache.find(digest),
    signal,
    progress: (done, total) => progress?.(name, done, total),
  });
  return { path, digest: entry.digest };
}

async function newest(specifier: string, source: PageAdapterSource, client: AdapterClient): Promise<Resolved> {
  const { cache, documents, signal, progress } = source;
  const { name } = parseSpecifier(specifier);
  const key = `version ${client.registry.connection.registry} ${specifier}`;
  try {
    const { path, record } = await client.pull(specifier, { signal, progress: (done, total) => progress?.(name, done, total) });
    await documents.write(key, { digest: record.digest });
    return { path, digest: record.digest };
  } catch (cause) {
    if (!isGraftError(cause) || cause.code !== "REGISTRY_UNREACHABLE") throw cause;
    const last = Remembered.safeParse(await documents.read(key)).data;
    const path = last === undefined ? undefined : await cache.find(last.digest as `sha256:${string}`);
    if (last === undefined || path === undefined) throw cause;
    return { path, digest: last.digest };
  }
}
