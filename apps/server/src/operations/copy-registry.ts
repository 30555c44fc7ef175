import type { Stores } from "./stores.ts";

/** What was copied. */
export interface Copied {
  readonly blobs: number;
  /** Blobs that were there already, of an earlier run. */
  readonly known: number;
  readonly bytes: number;
  readonly rows: number;
}

/** How a copy is followed and bounded. */
export interface CopyOptions {
  /** Copies bytes alone: what takes long is done while the registry runs. */
  readonly onlyBlobs?: boolean;
  readonly progress?: (done: number) => void;
}

/**
 * Copies a registry into other stores, whatever kinds they are. Bytes come first, each hashed on its way, and those that are there are not
 * copied again; then all metadata as of one moment, in one transaction; then the bytes that came in between. Stopped anywhere, it goes on
 * when it is run again. DIGEST_MISMATCH for a blob that is damaged, CONFLICT when there is a registry already.
 */
export async function copyRegistry(from: Stores, to: Stores, { onlyBlobs = false, progress }: CopyOptions = {}): Promise<Copied> {
  const first = await copyBlobs(from, to, progress);
  if (onlyBlobs) return { ...first, rows: 0 };
  let rows = 0;
  await to.metadata.copies.load((put) =>
    from.metadata.copies.dump(async (part) => {
      rows += part.rows.length;
      await put(part);
    }),
  );
  const rest = await copyBlobs(from, to, progress);
  return { blobs: first.blobs + rest.blobs, known: first.known, bytes: first.bytes + rest.bytes, rows };
}

async function copyBlobs(from: Stores, to: Stores, progress?: (done: number) => void): Promise<Omit<Copied, "rows">> {
  let [blobs, known, bytes] = [0, 0, 0];
  for await (const { digest, size } of from.blobs.list()) {
    if ((await to.blobs.size(digest)) === size) {
      known += 1;
      continue;
    }
    const blob = await from.blobs.open(digest);
    // Collected in between: nothing named it.
    if (blob === undefined) continue;
    try {
      await to.blobs.put(digest, { bytes: blob.stream(0, size), size, limit: size, owner: "copy", afresh: true });
    } finally {
      await blob.close();
    }
    blobs += 1;
    bytes += size;
    progress?.(bytes);
  }
  return { blobs, known, bytes };
}
