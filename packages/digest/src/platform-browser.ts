import { createSHA256 } from "hash-wasm";
import type { Hasher } from "./hasher.ts";

/** A sha256 hasher of this platform: here WebAssembly, because WebCrypto cannot stream. */
export async function createHasher(): Promise<Hasher> {
  const hash = await createSHA256();
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("binary") };
}
