import type { Digest } from "@graft/digest";
import type { StoredBaseSummary } from "./base-store.ts";
import type { Page } from "./page.ts";
import type { StoredVersionSummary } from "./version-store.ts";

/** A version that has to do with a base; lower ranks fit better: 0 same base, 1 all targets there, 2 of the base it was made from, 3 some targets. */
export interface FoundVersion extends StoredVersionSummary {
  readonly rank: 0 | 1 | 2 | 3;
  readonly targetCount: number;
  readonly present: number;
}

/** Questions that are not about one name, answered as somebody sees the registry. */
export interface LookupStore {
  withDigest(digest: Digest, limit: number): Promise<StoredVersionSummary[]>;
  /** Whether a version that can be seen needs the bytes of a digest: as its adapter, or as a file beside it. */
  needs(digest: Digest): Promise<boolean>;
  withTensors(digest: Digest, limit: number): Promise<StoredVersionSummary[]>;
  /** One version per adapter: the best rank, releases first, then the newest. By rank, then name; `after` is `rank:name`; `origin` is what the base was made from. */
  find(
    query: Page & { readonly base?: Digest | undefined; readonly origin?: Digest | undefined; readonly matrices: readonly Digest[] },
  ): Promise<FoundVersion[]>;
  /** Bases with the same modules and shapes, and how many adapters each has; most adapters first. */
  withLayout(layout: Digest, limit: number): Promise<(StoredBaseSummary & { readonly adapterCount: number })[]>;
}
