export { rotateKey } from "./rotate-key.ts";
export { describeSettings, readSettings, SETTINGS, type ServerSettings } from "./settings.ts";
export { startServer, type RunningServer } from "./start-server.ts";
export { stopOnSignal } from "./stop-on-signal.ts";
