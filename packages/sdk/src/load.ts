import { join } from "node:path";
import { type ClientOptions, createClient, findProjectFolder, Project, userFolders } from "@graft/client/node";
import { GraftError } from "@graft/error";
import { parseSpecifier } from "@graft/format";
import {
  fileMemory,
  load as loadFiles,
  loadGenerator as loadGeneratorFiles,
  type LoadedModel,
  type LoadGeneratorOptions as GeneratorFileOptions,
  type LoadOptions as FileOptions,
  type OriginalsOf,
  type Resolve,
  type TextGenerator,
} from "@graft/loader/node";
import { openBundle } from "./bundle/open-bundle.ts";

/** Where adapters come from that are given by name. */
export interface RegistryOptions extends Pick<ClientOptions, "registry" | "token" | "cache"> {
  /** Folder of the app whose graft-lock.json pins versions: the nearest one at or above the working folder when left out; false for none. */
  readonly project?: string | false;
  /** Stops downloads. */
  readonly signal?: AbortSignal;
  /** Follows downloads: bytes so far, and of how many. */
  readonly progress?: (name: string, done: number, total: number) => void;
}

/** What is loaded, and from which registry adapters come that are given by name. */
export interface LoadOptions extends Omit<FileOptions, "resolve" | "adapters" | "merged">, RegistryOptions {
  /** Files, or names with or without a range of versions; all that a bundle has, or that the app's lock pins, when left out. */
  readonly adapters?: FileOptions["adapters"];
}

/** What is loaded to generate text with, and from which registry its adapter comes if it is given by name. */
export interface LoadGeneratorOptions extends Omit<GeneratorFileOptions, "resolve" | "merged">, RegistryOptions {}

/**
 * Loads a base with adapters: files, or names such as `@scope/name@^1.2`, which are pulled, verified and kept in the cache. What the app's
 * lock pins is taken as it is pinned, and nobody is asked for what the cache has. A folder that `graft bundle` wrote is base and registry
 * in one. Without `registry` and `token` the settings of the command line apply. Codes of the registry, and of loading files.
 */
export async function load(base: Parameters<typeof loadFiles>[0], options: LoadOptions = {}): Promise<LoadedModel> {
  const { adapters, registry, token, cache, project, signal, progress, ...rest } = options;
  const bundle = typeof base === "string" ? await openBundle(base) : undefined;
  const memory = fileMemory(join(cache ?? userFolders(process.env).cache, "bases"));
  if (bundle !== undefined) return loadFiles(bundle.base, { memory, ...bundle.options, ...rest, adapters: adapters ?? bundle.adapters });
  const source = { registry, token, cache, project, signal, progress };
  const known = { memory, originalsOf: originals(source) };
  return loadFiles(base, { ...known, ...rest, adapters: adapters ?? (await pinnedNames(source)), resolve: resolver(source) });
}

/** Loads a decoder with an adapter, or alone, to generate text. Codes of `load`; ARCHITECTURE_UNSUPPORTED for a model that generates none. */
export async function loadGenerator(base: string, options: LoadGeneratorOptions = {}): Promise<TextGenerator> {
  const { registry, token, cache, project, signal, progress, ...rest } = options;
  const bundle = await openBundle(base);
  if (bundle !== undefined) return loadGeneratorFiles(bundle.base, { ...bundle.options, ...rest });
  return loadGeneratorFiles(base, { ...rest, resolve: resolver({ registry, token, cache, project, signal, progress }) });
}

/** Where adapters come from, each part perhaps unsaid. */
export type Source = { readonly [Key in keyof RegistryOptions]: RegistryOptions[Key] | undefined };

async function openProject({ project, ...options }: Source): Promise<Project | undefined> {
  const folder = project === false ? undefined : (project ?? (await findProjectFolder(process.cwd())));
  return folder === undefined ? undefined : Project.open(folder, options);
}

async function pinnedNames(source: Source): Promise<string[]> {
  const names = (await (await openProject(source))?.list())?.map(({ name }) => name) ?? [];
  if (names.length > 0) return names;
  throw new GraftError("USAGE", "Cannot load: no adapters are given, and no graft-lock.json pins any", {
    hint: "Pass `adapters`, or add one to the app: graft add @scope/name",
  });
}

/** What a registry says a base was made from; nothing where none is set, none answers or none knows the base. */
function originals({ registry, token, cache }: Source): OriginalsOf {
  return async (fingerprint) => {
    try {
      const client = await createClient({ registry, token, cache });
      const { derivedFrom } = await client.registry.base(fingerprint);
      return derivedFrom === undefined ? [] : [derivedFrom.base];
    } catch {
      return [];
    }
  };
}

/** Finds adapters by name: those that the app's lock pins as they are pinned, others in a registry. */
export function resolver(source: Source): Resolve {
  let opened: Promise<Project | undefined> | undefined;
  return async (specifier) => {
    const { name } = parseSpecifier(specifier);
    const { registry, token, cache, signal, progress } = source;
    const follow = (done: number, total: number): void => progress?.(name, done, total);
    opened ??= openProject(source);
    const pinned = await (await opened)?.fetch(specifier, { signal, progress });
    if (pinned !== undefined) return { path: pinned.path, digest: pinned.digest };
    const client = await createClient({ registry, token, cache, scope: name.slice(0, name.indexOf("/")) });
    const { path, record } = await client.pull(specifier, { signal, progress: follow });
    return { path, digest: record.digest };
  };
}
