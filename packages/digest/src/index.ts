export { createHasher } from "#platform";
export type { Hasher, HashName } from "./hasher.ts";
export { sha256 } from "./sha256.ts";
export { digestBytes, formatDigest, hex, isDigest, parseDigest, type Digest } from "./text.ts";
