export type { BlobPut, BlobStore, BlobUpload, StoredBlob } from "./blob-store.ts";
export type { BaseStore, StoredBase, StoredBaseSummary } from "./metadata/base-store.ts";
export type { FoundVersion, LookupStore } from "./metadata/lookup-store.ts";
export type { MetadataStore, Readings } from "./metadata/metadata-store.ts";
export type { Page } from "./metadata/page.ts";
export type { StoredToken, TokenStore } from "./metadata/token-store.ts";
export type { PublishOptions, StoredVersion, StoredVersionSummary, VersionReader, VersionStore } from "./metadata/version-store.ts";
export { EVERYTHING, STRANGER, type Viewer, type Visibility } from "./metadata/viewer.ts";
export { isPrerelease, versionOrder } from "./version-order.ts";
