import type { Digest } from "@graft/digest";
import type { Page } from "./page.ts";

/** What is known of blobs beside their bytes: who had them, and which nothing names. Instants are ISO 8601. */
export interface BlobRecords {
  /** Records that somebody had all bytes of a blob: a digest alone gives no right to them. */
  uploaded(digest: Digest, upload: { readonly owner: string; readonly at: string }): Promise<void>;
  hasUploaded(digest: Digest, owner: string): Promise<boolean>;
  /** Marks those of these blobs that nothing names, where they are not marked yet; the others' marks go. */
  mark(digests: readonly Digest[], at: string): Promise<void>;
  /** Blobs that are marked since before an instant, by digest; `after` is a digest. */
  marked(before: string, page: Page): Promise<Digest[]>;
  /**
   * Runs `remove` while nobody can begin to name the blob, if it is marked since before the instant, nothing names it, and nobody
   * uploaded it since; else says false, and removes nothing. `remove` may run more than once.
   */
  collect(digest: Digest, options: { readonly before: string; readonly remove: () => Promise<void> }): Promise<boolean>;
}
