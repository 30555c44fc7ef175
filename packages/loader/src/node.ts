export type { AdapterInput, Resolve, Resolved } from "./adapter-input.ts";
export type { FitKind } from "./fit.ts";
export { load, type LoadOptions } from "./load.ts";
export type { LoadedAdapter, LoadedModel, RunRowsOptions } from "./loaded-model.ts";
export type { Prediction } from "./prediction.ts";
export type { Row } from "./rows.ts";
export type { WrittenFile } from "./merged-files.ts";
export type { WrittenModel } from "./write-merged.ts";
