import type { AuditStore } from "./audit-store.ts";
import type { BaseStore } from "./base-store.ts";
import type { BlobRecords } from "./blob-records.ts";
import type { CopyStore } from "./copy-store.ts";
import type { LogStore } from "./log-store.ts";
import type { DownloadStore } from "./download-store.ts";
import type { LookupStore } from "./lookup-store.ts";
import type { PublisherStore } from "./publisher-store.ts";
import type { ScopeStore } from "./scope-store.ts";
import type { SignInStore } from "./sign-in-store.ts";
import type { StageStore } from "./stage-store.ts";
import type { TeamStore } from "./team-store.ts";
import type { SearchStore } from "./search-store.ts";
import type { TokenStore } from "./token-store.ts";
import type { UserStore } from "./user-store.ts";
import type { VersionReader, VersionStore } from "./version-store.ts";
import type { Viewer } from "./viewer.ts";

/** What a viewer sees. */
export interface Readings {
  readonly versions: VersionReader;
  readonly lookups: LookupStore;
  readonly search: SearchStore;
}

/** All that a registry knows, but no bytes. What a method acknowledged is durable. */
export interface MetadataStore {
  readonly bases: BaseStore;
  readonly versions: VersionStore;
  readonly staged: StageStore;
  readonly tokens: TokenStore;
  readonly users: UserStore;
  readonly scopes: ScopeStore;
  readonly teams: TeamStore;
  readonly signIns: SignInStore;
  readonly publishers: PublisherStore;
  readonly audit: AuditStore;
  readonly log: LogStore;
  readonly downloads: DownloadStore;
  readonly blobs: BlobRecords;
  readonly copies: CopyStore;
  /** All that can be read of adapters; there is no reading without saying for whom. */
  seenBy(viewer: Viewer): Readings;
  close(): Promise<void>;
}
