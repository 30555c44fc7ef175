export { RegistryClient, type CallOptions, type PageOptions } from "./client.ts";
export type { DownloadSink, Progress } from "./download.ts";
export type { Connection } from "./http.ts";
export { normaliseRegistry, resolveRegistry, type Configuration, type SettingsSources } from "./settings.ts";
