import { join } from "node:path";
import type { BlobStore, MetadataStore } from "@graft/storage";
import { openFileBlobStore, openPostgresStore, openSqliteStore } from "@graft/storage/node";
import { openBlobs, type StorePlaces } from "../data-folder.ts";

/** Both stores of a registry. */
export interface Stores {
  readonly metadata: MetadataStore;
  readonly blobs: BlobStore;
}

/** Opens the stores of a registry that is there, runs `use`, and closes them. */
export async function withStores<Result>(
  place: Pick<StorePlaces, "blobs" | "database"> & { readonly data: string },
  use: (stores: Stores) => Promise<Result>,
): Promise<Result> {
  const folder = join(place.data, "blobs");
  const blobs = place.blobs === undefined ? await openFileBlobStore(folder) : await openBlobs(place.blobs);
  // One connection without a bound on time would be enough; a copy of millions of rows is one transaction.
  const metadata =
    place.database === undefined
      ? await openSqliteStore(join(place.data, "registry.sqlite"))
      : await openPostgresStore(place.database, { connections: 2, statementMilliseconds: 0 });
  try {
    return await use({ metadata, blobs });
  } finally {
    await metadata.close();
  }
}
