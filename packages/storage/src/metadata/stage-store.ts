import type { Digest } from "@graft/digest";
import type { AuditEntry } from "./audit-store.ts";
import type { Page } from "./page.ts";
import type { PublishOptions, StoredVersion, VersionPlace } from "./version-store.ts";
import type { Visibility } from "./viewer.ts";

/** A version that was uploaded and checked, and waits for approval. Its signatures are made when it is approved. */
export interface StagedVersion {
  readonly version: StoredVersion;
  readonly tag?: string | undefined;
  readonly visibility?: Visibility | undefined;
  readonly stagedAt: string;
  readonly stagedBy: string;
}

/** Versions that wait for approval; nobody sees them but those who may publish them. Publishing a version ends its stage. */
export interface StageStore {
  /** Puts a version there, in place of one that waits under the same number. */
  put(staged: StagedVersion, options?: Pick<PublishOptions, "entry" | "isStored">): Promise<void>;
  get(name: string, version: string): Promise<StagedVersion | undefined>;
  /** By name, then number as text; `after` is `name@version`. */
  list(query: Page & { readonly name?: string | undefined }): Promise<StagedVersion[]>;
  /** Whether there was one. */
  delete(place: VersionPlace, entry?: AuditEntry): Promise<boolean>;
  /** Names of which a staged version has a blob, as the adapter or beside it. */
  namesWith(digest: Digest): Promise<string[]>;
}
