import type { BaseStore } from "./base-store.ts";
import type { LookupStore } from "./lookup-store.ts";
import type { TokenStore } from "./token-store.ts";
import type { VersionStore } from "./version-store.ts";

/** All that a registry knows, but no bytes. What a method acknowledged is durable. */
export interface MetadataStore {
  readonly bases: BaseStore;
  readonly versions: VersionStore;
  readonly lookups: LookupStore;
  readonly tokens: TokenStore;
  close(): Promise<void>;
}
