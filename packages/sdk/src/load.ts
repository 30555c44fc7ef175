import { createClient, type ClientOptions } from "@graft/client/node";
import { parseSpecifier } from "@graft/format";
import {
  load as loadFiles,
  loadGenerator as loadGeneratorFiles,
  type LoadedModel,
  type LoadGeneratorOptions as GeneratorFileOptions,
  type LoadOptions as FileOptions,
  type Resolve,
  type TextGenerator,
} from "@graft/loader/node";

/** Where adapters come from that are given by name. */
interface RegistryOptions extends Pick<ClientOptions, "registry" | "token" | "cache"> {
  /** Stops downloads. */
  readonly signal?: AbortSignal;
}

/** What is loaded, and from which registry adapters come that are given by name. */
export interface LoadOptions extends Omit<FileOptions, "resolve">, RegistryOptions {}

/** What is loaded to generate text with, and from which registry its adapter comes if it is given by name. */
export interface LoadGeneratorOptions extends Omit<GeneratorFileOptions, "resolve">, RegistryOptions {}

/**
 * Loads a base with adapters: files, or names such as `@scope/name@^1.2`, which are pulled, verified and kept in the cache.
 * Without `registry` and `token` the settings of the command line apply. Codes of the registry, and of loading files.
 */
export function load(base: Parameters<typeof loadFiles>[0], options: LoadOptions): Promise<LoadedModel> {
  const { registry, token, cache, signal, ...rest } = options;
  return loadFiles(base, { ...rest, resolve: resolver({ registry, token, cache, signal }) });
}

/** Loads a decoder with an adapter, or alone, to generate text. Codes of `load`; ARCHITECTURE_UNSUPPORTED for a model that generates none. */
export function loadGenerator(base: string, options: LoadGeneratorOptions = {}): Promise<TextGenerator> {
  const { registry, token, cache, signal, ...rest } = options;
  return loadGeneratorFiles(base, { ...rest, resolve: resolver({ registry, token, cache, signal }) });
}

function resolver({ registry, token, cache, signal }: { [Key in keyof RegistryOptions]: RegistryOptions[Key] | undefined }): Resolve {
  return async (specifier) => {
    const { name } = parseSpecifier(specifier);
    const client = await createClient({ registry, token, cache, scope: name.slice(0, name.indexOf("/")) });
    const { path, record } = await client.pull(specifier, { signal });
    return { path, digest: record.digest };
  };
}
