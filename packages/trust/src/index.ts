export { fromBase64Url, toBase64Url } from "./base64url.ts";
export { createSecretKey, openSigningKey, type Signature, type SigningKey, type VerifyingKey } from "./keys.ts";
export { verifyStatement } from "./verify.ts";
export { versionStatement, type VersionStatement } from "./version-statement.ts";
