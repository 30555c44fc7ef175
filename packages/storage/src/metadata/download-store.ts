import type { Digest } from "@graft/digest";

/** Downloads, per version and day. */
export interface DownloadStore {
  /** Adds what was counted on a day (`2026-01-31`), in one transaction; digests that no version has are left out. */
  add(day: string, counts: ReadonlyMap<Digest, number>): Promise<void>;
}
