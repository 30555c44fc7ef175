import { PageCache, PageDocuments, PageFiles } from "@graft/client/web";
import type { Digest } from "@graft/digest";
import { GraftError } from "@graft/error";
import { assembleModel, type LoadedModel, type ReadFile, type Resolve } from "@graft/loader";
import { openSession } from "@graft/runtime/web";
import { BUNDLE_FILE, BundleFile } from "../bundle/bundle-file.ts";
import { findBundled } from "../bundle/find-adapter.ts";
import { pageResolver } from "./page-adapters.ts";
import { openPageBase, type PageBase, type PageReader } from "./page-base.ts";
import type { PageOptions } from "./page-options.ts";

/** How loading is followed and stopped. */
export interface LoadHereOptions extends PageOptions {
  readonly signal?: AbortSignal;
  /** Bytes so far of a file or an adapter, and of how many. */
  readonly progress?: (name: string, done: number, total: number) => void;
}

/** A path that the page keeps: the digits of a digest. */
const KEPT = /^[0-9a-f]{64}$/;

/** Loads a base at an address with adapters, in the thread that calls: a worker's, since a page's own has no files. */
export async function loadHere(address: string, options: LoadHereOptions): Promise<LoadedModel> {
  const { adapters, mode, device = "auto", threads, allowMismatch, allowMerged, lock } = options;
  const { place, bundle, ...sources } = await openPlace(address, options);
  return assembleModel(place.base, {
    ...sources,
    adapters: adapters ?? Object.keys((bundle ?? lock)?.adapters ?? {}),
    mode,
    model: place.model,
    tokenizer: place.tokenizer,
    tokenizerDigest: place.tokenizerDigest,
    allowMismatch,
    allowMerged,
    hashFile: place.hashFile,
    openSession,
    session: { files: place.files, device, ...(threads === undefined ? {} : { threads }) },
  });
}

/** What lies at an address: a base, perhaps of a bundle, and how adapters beside it are found and read. */
interface OpenedPlace {
  readonly place: PageBase;
  readonly bundle: BundleFile | undefined;
  readonly resolve: Resolve;
  readonly read: ReadFile;
}

/** Opens what lies at an address, kept by the page as it comes. */
export async function openPlace(address: string, options: LoadHereOptions): Promise<OpenedPlace> {
  const { cacheSize, signal, progress } = options;
  const fetch = globalThis.fetch.bind(globalThis);
  const [cache, documents] = await Promise.all([PageCache.open({ limit: cacheSize }), PageDocuments.open()]);
  const files = new PageFiles({ cache, documents, fetch });
  const digests = new Map<string, Digest>();
  const reader: PageReader = {
    find: (url) => files.find(url, { digest: digests.get(url), signal, progress: (done, total) => progress?.(fileName(url), done, total) }),
  };
  const bundle = await findBundle(address, reader);
  const root = address.endsWith("/") ? address : `${address}/`;
  for (const { path, digest } of bundle === undefined ? [] : [...bundle.base.files, ...Object.values(bundle.adapters)])
    digests.set(new URL(path, root).href, digest);
  return {
    place: await openPageBase(bundle === undefined ? address : new URL(bundle.base.path, root).href, reader, options),
    bundle,
    resolve:
      bundle === undefined
        ? pageResolver({ ...options, cache, documents, fetch })
        : async (specifier) => {
            const { adapter } = findBundled(bundle, specifier);
            return { path: new URL(adapter.path, root).href, digest: adapter.digest };
          },
    read: async (path) => {
      if (KEPT.test(path)) return cache.read(path);
      const bytes = await reader.find(path);
      if (bytes === undefined) throw new GraftError("FILE_NOT_FOUND", `Cannot read ${path}: the server has no such file`);
      return bytes;
    },
  };
}

async function findBundle(address: string, reader: PageReader): Promise<BundleFile | undefined> {
  if (new URL(address).pathname.toLowerCase().endsWith(".onnx")) return undefined;
  const url = new URL(BUNDLE_FILE, address.endsWith("/") ? address : `${address}/`).href;
  const bytes = await reader.find(url);
  if (bytes === undefined) return undefined;
  try {
    return BundleFile.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new GraftError("USAGE", `Cannot read ${url}: it is not what graft bundle writes`, {
      cause,
      hint: "Make the bundle anew: graft bundle",
    });
  }
}

function fileName(url: string): string {
  return new URL(url).pathname.split("/").at(-1) ?? url;
}
