import type { Digest } from "@graft/digest";
import type { Page } from "./page.ts";
import type { StoredVersionSummary } from "./version-store.ts";

/** A version that has to do with a base; lower ranks fit better: 0 same base, 1 all targets there, 2 some. */
export interface FoundVersion extends StoredVersionSummary {
  readonly rank: 0 | 1 | 2;
  readonly targetCount: number;
  readonly present: number;
}

/** Questions that are not about one name, answered as somebody sees the registry. */
export interface LookupStore {
  withDigest(digest: Digest, limit: number): Promise<StoredVersionSummary[]>;
  withTensors(digest: Digest, limit: number): Promise<StoredVersionSummary[]>;
  /** One version per adapter: the best rank, releases first, then the newest. By rank, then name; `after` is `rank:name`. */
  find(query: Page & { readonly base?: Digest | undefined; readonly matrices: readonly Digest[] }): Promise<FoundVersion[]>;
  /** Adapters that have every word, with their newest release; by name. */
  search(query: Page & { readonly words: readonly string[] }): Promise<(StoredVersionSummary & { readonly baseName: string })[]>;
}
