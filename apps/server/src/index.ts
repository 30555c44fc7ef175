export { type Archive, type ArchivedAdapter, exportArchive, importArchive } from "./archive.ts";
export type { RegistryCheck } from "./operations/check-registry.ts";
export type { Copied, CopyOptions } from "./operations/copy-registry.ts";
export { backUp, checkStores, collect, moveRegistry, restore, type RegistryPlace } from "./operations/operations.ts";
export { rotateKey } from "./rotate-key.ts";
export { describeSettings, readSettings, SETTINGS, type ServerSettings } from "./settings.ts";
export { startMirror, type RunningMirror } from "./start-mirror.ts";
export { startServer, type RunningServer } from "./start-server.ts";
export { stopOnSignal } from "./stop-on-signal.ts";
