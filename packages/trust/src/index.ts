export { fromBase64, toBase64 } from "./base64.ts";
export { fromBase64Url, toBase64Url } from "./base64url.ts";
export { checkHead, HEAD_LIFETIME, type HeadChecks, type ShownHead } from "./check-head.ts";
export { checkVersion, type CheckedVersion, type ShownVersion, type VersionChecks, type VersionProof } from "./check-version.ts";
export {
  firstKeys,
  followRotations,
  keyChanged,
  logOrigin,
  type RetiredKey,
  type Rotation,
  type RotationStatement,
  signRotation,
  type TrustedKeys,
} from "./key-chain.ts";
export { createSecretKey, openSigningKey, openVerifyingKey, type Signature, type SigningKey, type VerifyingKey } from "./keys.ts";
export { entryHash, type KeptEntry, leafOf, type LogEntry, parseEntry } from "./log/log-entry.ts";
export { emptyRoot, type Hash, leafHash, nodeHash } from "./log/merkle.ts";
export { consistencyProof, foldHashes, inclusionProof, type ReadHashes, treeRoot } from "./log/prove.ts";
export { joinHashes, joinLeaves, levelSize, parseTilePath, splitLeaves, type Tile, TILE_WIDTH, tilePath, tileReader } from "./log/tiles.ts";
export { noteVerifier, openHead, signHead, type SignedHead, type TreeHead } from "./log/tree-head.ts";
export { isConsistent, isIncluded, type Tree } from "./log/verify-proof.ts";
export { resolutionStatement, type ResolutionStatement } from "./resolution.ts";
export { verifyStatement } from "./verify.ts";
export { versionStatement, type VersionStatement } from "./version-statement.ts";
