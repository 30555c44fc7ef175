import type { Digest } from "@graft/digest";

/** Downloads of one adapter. */
interface AdapterDownloads {
  readonly total: number;
  /** Days that have any, `2026-01-31`, oldest first. */
  readonly days: readonly { readonly day: string; readonly count: number }[];
  /** Versions that have any, the most downloaded first. */
  readonly versions: readonly { readonly version: string; readonly count: number }[];
}

/** Downloads, per version and day. */
export interface DownloadStore {
  /** Adds what was counted on a day (`2026-01-31`), in one transaction; digests that no version has are left out. */
  add(day: string, counts: ReadonlyMap<Digest, number>): Promise<void>;
}
