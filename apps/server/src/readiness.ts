import { formatDigest } from "@graft/digest";
import type { BlobStore, MetadataStore } from "@graft/storage";

/** Seconds after which a store that does not answer counts as gone. */
const PATIENCE = 2;
/** A digest that nothing has: asking for it reaches the store and finds nothing. */
const NOTHING = formatDigest(new Uint8Array(32));

/** Which stores answer now; a server is ready when all do. */
export async function readiness(stores: {
  readonly metadata: MetadataStore;
  readonly blobs: BlobStore;
}): Promise<{ readonly database: boolean; readonly blobs: boolean }> {
  const [database, blobs] = await Promise.all([answers(stores.metadata.tokens.count()), answers(stores.blobs.size(NOTHING))]);
  return { database, blobs };
}

async function answers(asked: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE * 1000);
  });
  const answered = asked.then(
    () => true,
    () => false,
  );
  return await Promise.race([answered, late]).finally(() => clearTimeout(timer));
}
