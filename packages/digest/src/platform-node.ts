import { createHash } from "node:crypto";
import type { Hasher, HashName } from "./hasher.ts";

/** A hasher of this platform: here Node's own. */
export async function createHasher(name: HashName = "sha256"): Promise<Hasher> {
  const hash = createHash(name);
  return { update: (bytes) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) };
}
