import { createHasher, formatDigest, parseDigest, type Digest } from "@graft/digest";
import type { StoredBlob } from "@graft/storage";
import type { Stores } from "./stores.ts";

/** What a check found. */
export interface RegistryCheck {
  readonly blobs: number;
  readonly bytes: number;
  /** Blobs whose bytes do not have their digest any more. */
  readonly damaged: Digest[];
  /** Blobs that a version, a file beside one or a staged version names, and that are not there. */
  readonly missing: Digest[];
  /** Those of both that were put right. */
  readonly repaired: Digest[];
}

/** Where good bytes may be had: undefined when they are not there. */
export type GoodBytes = (digest: Digest) => Promise<StoredBlob | undefined>;

/** Hashes every blob again, and looks for those that are named but absent; with `goodBytes` it puts right what it can. */
export async function checkRegistry(
  { metadata, blobs }: Stores,
  { goodBytes, progress }: { readonly goodBytes?: GoodBytes; readonly progress?: (done: number) => void } = {},
): Promise<RegistryCheck> {
  const seen = new Set<Digest>();
  const damaged: Digest[] = [];
  let bytes = 0;
  for await (const { digest, size } of blobs.list()) {
    const blob = await blobs.open(digest);
    if (blob === undefined) continue;
    if ((await digestOf(blob)) !== digest) damaged.push(digest);
    seen.add(digest);
    bytes += size;
    progress?.(bytes);
  }
  const missing = [...(await named({ metadata, blobs }))].filter((digest) => !seen.has(digest));
  const repaired: Digest[] = [];
  for (const digest of goodBytes === undefined ? [] : [...damaged, ...missing])
    if (await repair({ metadata, blobs }, { digest, good: await goodBytes?.(digest) })) repaired.push(digest);
  return { blobs: seen.size, bytes, damaged, missing, repaired };
}

/** The digest that a blob has now; undefined when it cannot be read. Closes it. */
async function digestOf(blob: StoredBlob): Promise<Digest | undefined> {
  const hasher = await createHasher();
  try {
    for await (const chunk of blob.stream(0, blob.size)) hasher.update(chunk);
    return formatDigest(hasher.digest());
  } catch {
    return undefined;
  } finally {
    await blob.close();
  }
}

async function repair({ blobs }: Stores, { digest, good }: { digest: Digest; good: StoredBlob | undefined }): Promise<boolean> {
  if (good === undefined) return false;
  try {
    await blobs.delete(digest);
    // Hashed on its way: a mirror with the same damage repairs nothing.
    await blobs.put(digest, { bytes: good.stream(0, good.size), size: good.size, limit: good.size, owner: "repair" });
    return true;
  } catch {
    return false;
  } finally {
    await good.close();
  }
}

async function named({ metadata }: Stores): Promise<Set<Digest>> {
  const found = new Set<Digest>();
  const withdrawn = new Set<string>();
  await metadata.copies.dump(async ({ table, rows }) => {
    for (const row of rows) {
      const version = `${String(row["name"])}@${String(row["version"])}`;
      if (table === "versions" && row["withdrawn_at"] !== null) withdrawn.add(version);
      const isNamed = table === "versions" || table === "version_files" || table === "staged_blobs";
      if (isNamed && !(table !== "staged_blobs" && withdrawn.has(version))) found.add(parseDigest(String(row["digest"])));
    }
  });
  return found;
}
