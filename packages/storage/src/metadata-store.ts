import type { Digest } from "@graft/digest";

/** What every list takes: at most `limit` items after the one that `after` names. */
export interface Page {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** A base in a list. */
export interface StoredBaseSummary {
  readonly name: string;
  readonly revision?: string | undefined;
  readonly family?: string | undefined;
  readonly fingerprint: Digest;
  readonly matrixCount: number;
  readonly registeredAt: string;
  readonly registeredBy: string;
}

/** A base with all that adapters are checked against. */
export interface StoredBase extends Omit<StoredBaseSummary, "matrixCount"> {
  readonly matrices: readonly { readonly module: string; readonly digest: Digest; readonly rows: number; readonly columns: number }[];
  readonly files: readonly { readonly name: string; readonly digest: Digest; readonly size: number }[];
  readonly tokenizer?: Digest | undefined;
}

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
}

/** A version with its documents, which the store keeps as they are. */
export interface StoredVersion extends StoredVersionSummary {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly signatures: readonly { readonly key: string; readonly signature: string }[];
  /** Matrix digests of the targets. */
  readonly targets: readonly Digest[];
  /** Words that search looks in, lower-case. */
  readonly searchText: string;
}

/** A version that has to do with a base; lower ranks fit better: 0 same base, 1 all targets there, 2 some. */
export interface FoundVersion extends StoredVersionSummary {
  readonly rank: 0 | 1 | 2;
  readonly targetCount: number;
  readonly present: number;
}

/** What is kept of a token. `hash` is the sha256 of its text in hex. */
export interface StoredToken {
  readonly id: string;
  readonly hash: string;
  readonly label: string;
  readonly names: readonly string[];
  readonly actions: readonly string[];
  readonly createdAt: string;
  readonly expiresAt?: string | undefined;
}

/** Bases by fingerprint. */
export interface BaseStore {
  /** Adds a base, or the files that a known one does not have yet. */
  put(base: StoredBase): Promise<"created" | "exists" | "extended">;
  get(fingerprint: Digest): Promise<StoredBase | undefined>;
  summary(fingerprint: Digest): Promise<StoredBaseSummary | undefined>;
  /** By name, then fingerprint; `after` is the fingerprint of the last one. */
  list(query: Page & { readonly name?: string | undefined }): Promise<StoredBaseSummary[]>;
  withFile(digest: Digest): Promise<(StoredBaseSummary & { readonly file: string })[]>;
}

/** Adapters, their versions, and the tags that name versions. */
export interface VersionStore {
  /**
   * In one transaction: the version's row, the adapter's, and the tag. The same digest again is "exists"; another is VERSION_TAKEN.
   * A new name that differs from a known one only in `-`, `_` and `.` is CONFLICT. Without a tag, `latest` moves forward, never to a pre-release.
   */
  publish(version: StoredVersion, tag?: string): Promise<"created" | "exists">;
  get(name: string, version: string): Promise<StoredVersion | undefined>;
  /** Newest first by semantic versioning; `after` is a version. */
  list(name: string, page: Page): Promise<StoredVersionSummary[]>;
  /** All version numbers of a name, newest first. */
  numbers(name: string): Promise<string[]>;
  tags(name: string): Promise<Record<string, string>>;
  /** NOT_FOUND when there is no such version. */
  setTag(name: string, tag: string, version: string): Promise<void>;
  /** NOT_FOUND when there is no such tag. */
  deleteTag(name: string, tag: string): Promise<void>;
}

/** Questions that are not about one name. */
export interface LookupStore {
  withDigest(digest: Digest, limit: number): Promise<StoredVersionSummary[]>;
  withTensors(digest: Digest, limit: number): Promise<StoredVersionSummary[]>;
  /** One version per adapter: the best rank, releases first, then the newest. By rank, then name; `after` is `rank:name`. */
  find(query: Page & { readonly base?: Digest | undefined; readonly matrices: readonly Digest[] }): Promise<FoundVersion[]>;
  /** Adapters that have every word, with their newest release; by name. */
  search(query: Page & { readonly words: readonly string[] }): Promise<(StoredVersionSummary & { readonly baseName: string })[]>;
}

/** Tokens by the hash of their text. */
export interface TokenStore {
  /** A token whose hash is there already stays as it is. */
  insert(token: StoredToken): Promise<void>;
  withHash(hash: string): Promise<StoredToken | undefined>;
  /** Oldest first; `after` is an id. */
  list(page: Page): Promise<StoredToken[]>;
  /** Whether there was one. */
  delete(id: string): Promise<boolean>;
  count(): Promise<number>;
}

/** All that a registry knows, but no bytes. What a method acknowledged is durable. */
export interface MetadataStore {
  readonly bases: BaseStore;
  readonly versions: VersionStore;
  readonly lookups: LookupStore;
  readonly tokens: TokenStore;
  close(): Promise<void>;
}
