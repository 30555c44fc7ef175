import type { Digest } from "@graft/digest";
import type { AuditEntry } from "./audit-store.ts";
import type { Page } from "./page.ts";
import type { Quota } from "./scope-store.ts";
import type { Visibility } from "./viewer.ts";

/** A version in a list. */
export interface StoredVersionSummary {
  readonly name: string;
  readonly version: string;
  readonly digest: Digest;
  readonly size: number;
  readonly tensorsDigest: Digest;
  readonly base: Digest;
  readonly method: string;
  readonly task: string;
  readonly description?: string | undefined;
  readonly keywords: readonly string[];
  readonly publishedAt: string;
  readonly publishedBy: string;
  /** Why nobody should use it any more. */
  readonly deprecated?: string | undefined;
}

/** A file beside the adapter: its README, results of an evaluation. */
export interface StoredFile {
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
}

/** A version with its documents, which the store keeps as they are. */
export interface StoredVersion extends StoredVersionSummary {
  readonly manifest: Readonly<Record<string, unknown>>;
  /** The registry's first; an author's carries its public key. */
  readonly signatures: readonly { readonly key: string; readonly signature: string; readonly publicKey?: string | undefined }[];
  /** Matrix digests of the targets. */
  readonly targets: readonly Digest[];
  /** By path. */
  readonly files?: readonly StoredFile[] | undefined;
}

/** One version of a name. */
export interface VersionPlace {
  readonly name: string;
  readonly version: string;
}

/** When a change happens, ISO 8601, and what the log of changes says of it. */
export interface ChangeOptions {
  readonly at: string;
  readonly entry?: AuditEntry | undefined;
}

/** What is left of a version that was withdrawn. */
interface Withdrawal {
  readonly digest: Digest;
  readonly at: string;
  readonly reason: string;
}

/** What publishing sets beside the version. */
export interface PublishOptions {
  /** Tag to move; left out, `latest` moves forward, never to a pre-release. */
  readonly tag?: string | undefined;
  /** Who may read a new adapter: `public` when left out. CONFLICT when the adapter is there and another is meant. */
  readonly visibility?: Visibility | undefined;
  /** Asked inside the transaction, while nobody can remove the bytes: NOT_FOUND when they are not there any more. */
  readonly isStored?: ((digest: Digest) => Promise<boolean>) | undefined;
  /** What a scope may hold that has no quota of its own. */
  readonly quota?: Quota | undefined;
  /** What the log of changes says of it, once it is there. */
  readonly entry?: AuditEntry | undefined;
}

/** What somebody may read of adapters: one that is hidden from them is as if it were not there. */
export interface VersionReader {
  get(name: string, version: string): Promise<StoredVersion | undefined>;
  /** Newest first by semantic versioning; `after` is a version. */
  list(name: string, page: Page): Promise<StoredVersionSummary[]>;
  /** All version numbers of a name, newest first. */
  numbers(name: string): Promise<string[]>;
  tags(name: string): Promise<Record<string, string>>;
  /** Of a version that was withdrawn; everything else that is read is as if it were not there. */
  withdrawal(name: string, version: string): Promise<Withdrawal | undefined>;
  /** Who may read an adapter. */
  visibility(name: string): Promise<Visibility | undefined>;
}

/** Changes to adapters, their versions, and the tags that name versions. */
export interface VersionStore {
  /**
   * In one transaction: the version's row, the adapter's, and the tag. The same digest again is "exists"; another digest, or other files
   * beside it, is VERSION_TAKEN; what was withdrawn is WITHDRAWN. A stage of the version ends.
   * A new name that differs from a known one only in `-`, `_` and `.` is CONFLICT.
   */
  publish(version: StoredVersion, options?: PublishOptions): Promise<"created" | "exists">;
  /** Sets the message of versions, or takes it back with null; gives those that changed. */
  deprecate(
    change: { readonly name: string; readonly versions: readonly string[]; readonly message: string | null },
    options: ChangeOptions,
  ): Promise<string[]>;
  /** Takes a version back, for ever. `latest` goes to the highest that is left, other tags end. NOT_FOUND. */
  withdraw(place: VersionPlace, options: ChangeOptions & { readonly reason: string }): Promise<void>;
  /** NOT_FOUND when there is no such version. */
  setTag(name: string, tag: string, change: ChangeOptions & { readonly version: string }): Promise<void>;
  /** NOT_FOUND when there is no such tag. */
  deleteTag(name: string, tag: string, options: ChangeOptions): Promise<void>;
}
