import { digestBytes, formatDigest, createHasher, type Digest } from "@graft/digest";

/** Fingerprint of a base: sha256 over the sorted set of its raw matrix digests. */
export async function fingerprintOf(matrices: Iterable<Digest>): Promise<Digest> {
  const hasher = await createHasher();
  // Lower-case hex sorts as the raw bytes do.
  for (const digest of [...new Set(matrices)].sort()) hasher.update(digestBytes(digest));
  return formatDigest(hasher.digest());
}
