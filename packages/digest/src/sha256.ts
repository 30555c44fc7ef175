import { createHasher } from "#platform";
import { formatDigest, type Digest } from "./text.ts";

/** Digest of bytes that are in memory. */
export async function sha256(bytes: Uint8Array): Promise<Digest> {
  const hasher = await createHasher();
  hasher.update(bytes);
  return formatDigest(hasher.digest());
}
