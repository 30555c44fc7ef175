import type { Digest } from "@graft/digest";
import type { BlobStore } from "./blob-store.ts";
import type { MetadataStore } from "./metadata/metadata-store.ts";

/** What a collection did. */
export interface Collected {
  /** Blobs that were looked at, and those that nothing names, removed now or not. */
  readonly seen: number;
  readonly unnamed: number;
  readonly removed: Digest[];
  readonly removedBytes: number;
}

/** Digests that one statement is asked about. */
const BATCH = 500;

/**
 * Removes blobs that nothing names: marks them, and removes what an earlier run marked more than `delay` milliseconds ago, looking once
 * more in the transaction that keeps others from naming it. A delay must be longer than the longest time between an upload and its
 * publish; with a shorter one a publish is refused and uploads again, and what is named is never lost.
 */
export async function collectBlobs(
  { metadata, blobs }: { readonly metadata: MetadataStore; readonly blobs: BlobStore },
  { now, delay }: { readonly now: number; readonly delay: number },
): Promise<Collected> {
  const sizes = await markUnnamed({ metadata, blobs }, new Date(now).toISOString());
  const before = new Date(now - delay + 1).toISOString();
  const everything = new Date(now + 1).toISOString();
  let unnamed = 0;
  for await (const _ of marked(metadata, everything)) unnamed += 1;
  const removed: Digest[] = [];
  for await (const digest of marked(metadata, before))
    if (await metadata.blobs.collect(digest, { before, remove: () => blobs.delete(digest) })) removed.push(digest);
  return { seen: sizes.size, unnamed, removed, removedBytes: removed.reduce((sum, digest) => sum + (sizes.get(digest) ?? 0), 0) };
}

async function markUnnamed(
  { metadata, blobs }: { readonly metadata: MetadataStore; readonly blobs: BlobStore },
  at: string,
): Promise<Map<Digest, number>> {
  const sizes = new Map<Digest, number>();
  let batch: Digest[] = [];
  for await (const { digest, size } of blobs.list()) {
    sizes.set(digest, size);
    batch.push(digest);
    if (batch.length < BATCH) continue;
    await metadata.blobs.mark(batch, at);
    batch = [];
  }
  if (batch.length > 0) await metadata.blobs.mark(batch, at);
  return sizes;
}

async function* marked(metadata: MetadataStore, before: string): AsyncGenerator<Digest> {
  for (let after: Digest | undefined; ;) {
    const page = await metadata.blobs.marked(before, { limit: BATCH, after });
    yield* page;
    after = page.at(-1);
    if (page.length < BATCH) return;
  }
}
