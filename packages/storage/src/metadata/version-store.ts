import type { Digest } from "@graft/digest";
import type { Page } from "./page.ts";

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
