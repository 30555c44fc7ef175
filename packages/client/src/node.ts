export { BlobCache, type BlobCacheOptions } from "./cache/blob-cache.ts";
export type { CacheEntry } from "./cache/cache-entries.ts";
export { parseSize } from "./cache/cache-size.ts";
export type { Pruned, PruneOptions, VerifiedCache } from "./cache/maintain-cache.ts";
export { readConfiguration, userFolders, writeConfiguration } from "./configuration-file.ts";
export { createClient, openCache, type ClientOptions } from "./create-client.ts";
export type { LockChange } from "./project/changes.ts";
export {
  type InstalledAdapter,
  type OutdatedAdapter,
  type PinnedAdapter,
  Project,
  type ProjectCallOptions,
  type ProjectChange,
  type ProjectOptions,
} from "./project/project.ts";
export { findProjectFolder, readLock, readProject } from "./project/project-files.ts";
export { explainAdapter, type Reason } from "./project/why.ts";
