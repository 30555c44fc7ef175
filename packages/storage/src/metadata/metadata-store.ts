import type { BaseStore } from "./base-store.ts";
import type { LookupStore } from "./lookup-store.ts";
import type { TokenStore } from "./token-store.ts";
import type { VersionReader, VersionStore } from "./version-store.ts";
import type { Viewer } from "./viewer.ts";

/** What a viewer sees. */
export interface Readings {
  readonly versions: VersionReader;
  readonly lookups: LookupStore;
}

/** All that a registry knows, but no bytes. What a method acknowledged is durable. */
export interface MetadataStore {
  readonly bases: BaseStore;
  readonly versions: VersionStore;
  readonly tokens: TokenStore;
  /** All that can be read of adapters; there is no reading without saying for whom. */
  seenBy(viewer: Viewer): Readings;
  close(): Promise<void>;
}
