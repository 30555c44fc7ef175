export { canonicalJson } from "./canonical-json.ts";
export { createSecretKey, openSigningKey, type Signature, type SigningKey, type VerifyingKey } from "./keys.ts";
export { verifyStatement } from "./verify.ts";
export { versionStatement, type VersionStatement } from "./version-statement.ts";
