import { createClient, type ClientOptions } from "@graft/client/node";
import { parseSpecifier } from "@graft/format";
import { load as loadFiles, type LoadedModel, type LoadOptions as FileOptions, type Resolved } from "@graft/loader/node";

/** What is loaded, and from which registry adapters come that are given by name. */
export interface LoadOptions extends Omit<FileOptions, "resolve">, Pick<ClientOptions, "registry" | "token" | "cache"> {
  /** Stops downloads. */
  readonly signal?: AbortSignal;
}

/**
 * Loads a base with adapters: files, or names such as `@scope/name@^1.2`, which are pulled, verified and kept in the cache.
 * Without `registry` and `token` the settings of the command line apply. Codes of the registry, and of loading files.
 */
export function load(base: Parameters<typeof loadFiles>[0], options: LoadOptions): Promise<LoadedModel> {
  const { registry, token, cache, signal, ...rest } = options;
  const resolve = async (specifier: string): Promise<Resolved> => {
    const { name } = parseSpecifier(specifier);
    const client = await createClient({ registry, token, cache, scope: name.slice(0, name.indexOf("/")) });
    const { path, record } = await client.pull(specifier, { signal });
    return { path, digest: record.digest };
  };
  return loadFiles(base, { ...rest, resolve });
}
