import { createHash } from "node:crypto";
import type { Hasher } from "./hasher.ts";

/** A sha256 hasher of this platform: here Node's own. */
export async function createHasher(): Promise<Hasher> {
  const hash = createHash("sha256");
  return { update: (bytes) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) };
}
