import { createSHA256, createSHA512 } from "hash-wasm";
import type { Hasher, HashName } from "./hasher.ts";

/** A hasher of this platform: here WebAssembly, because WebCrypto cannot stream. */
export async function createHasher(name: HashName = "sha256"): Promise<Hasher> {
  const hash = await (name === "sha256" ? createSHA256() : createSHA512());
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("binary") };
}
