export type { BlobPut, BlobStore, BlobUpload, StoredBlob } from "./blob-store.ts";
export type {
  BaseStore,
  FoundVersion,
  LookupStore,
  MetadataStore,
  Page,
  StoredBase,
  StoredBaseSummary,
  StoredToken,
  StoredVersion,
  StoredVersionSummary,
  TokenStore,
  VersionStore,
} from "./metadata-store.ts";
export { isPrerelease, versionOrder } from "./version-order.ts";
