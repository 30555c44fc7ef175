export { countDownloads, type DownloadCounter, type DownloadCounterOptions } from "./count-downloads.ts";
export { scryptHasher, type PasswordHasher } from "./access/passwords.ts";
export { createRegistry, type RegistryOptions } from "./create-registry.ts";
export { storeFirstToken } from "./create-token.ts";
export { openApiDocument } from "./openapi.ts";
export { DEFAULT_SETTINGS, type RegistrySettings, type SingleSignOnSettings } from "./settings.ts";
export { createTokenText } from "./token-text.ts";
