export type { BlobPut, BlobStore, BlobUpload, DirectPart, DirectTransfers, ListedBlob, StoredBlob } from "./blob-store.ts";
export { collectBlobs, type Collected } from "./collect-blobs.ts";
export type { AuditEntry, AuditStore, StoredAuditEntry } from "./metadata/audit-store.ts";
export type { CopyStore, TableRows } from "./metadata/copy-store.ts";
export type { BlobRecords } from "./metadata/blob-records.ts";
export type { BaseStore, StoredBase, StoredBaseSummary, StoredDerivation, StoredMatrix } from "./metadata/base-store.ts";
export type { LogChange, LogStore, StoredKey, StoredLogEntry } from "./metadata/log-store.ts";
export type { FoundVersion, LookupStore } from "./metadata/lookup-store.ts";
export type { DownloadStore } from "./metadata/download-store.ts";
export type { MetadataStore, Readings } from "./metadata/metadata-store.ts";
export type { Page } from "./metadata/page.ts";
export type { PublisherStore, StoredPublisher } from "./metadata/publisher-store.ts";
export type { Grant, Holder, Quota, Role, ScopeStore, StoredScope } from "./metadata/scope-store.ts";
export type { SignInStore, StoredDeviceSignIn, StoredSession } from "./metadata/sign-in-store.ts";
export type { StagedVersion, StageStore } from "./metadata/stage-store.ts";
export type { StoredTeam, TeamMember, TeamRole, TeamStore } from "./metadata/team-store.ts";
export {
  SEARCH_COUNTED,
  SEARCH_FILTERS,
  SEARCH_WINDOW,
  type AdapterDownloads,
  type AdapterSearch,
  type FoundAdapter,
  type SearchCount,
  type SearchFacet,
  type SearchFilter,
  type SearchOrder,
  type SearchPage,
  type SearchStore,
} from "./metadata/search-store.ts";
export type { StoredToken, TokenStore } from "./metadata/token-store.ts";
export type { Identity, NewUser, StoredInvitation, StoredUser, UserStore } from "./metadata/user-store.ts";
export type {
  PublishOptions,
  StoredVersion,
  StoredFile,
  StoredVersionSummary,
  VersionReader,
  VersionStore,
} from "./metadata/version-store.ts";
export { EVERYTHING, STRANGER, type Viewer, type Visibility } from "./metadata/viewer.ts";
export { isPrerelease, versionOrder } from "./version-order.ts";
