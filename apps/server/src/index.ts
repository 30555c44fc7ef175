export { type Archive, type ArchivedAdapter, exportArchive, importArchive } from "./archive.ts";
export { rotateKey } from "./rotate-key.ts";
export { describeSettings, readSettings, SETTINGS, type ServerSettings } from "./settings.ts";
export { startMirror, type RunningMirror } from "./start-mirror.ts";
export { startServer, type RunningServer } from "./start-server.ts";
export { stopOnSignal } from "./stop-on-signal.ts";
