export type { AdapterInput, ReadFile, Resolve, Resolved } from "./adapter-input.ts";
export { assembleModel, type ModelSources } from "./assemble.ts";
export type { FitKind } from "./fit.ts";
export { checkGolden } from "./golden.ts";
export type { LoadedAdapter, LoadedModel, RunRowsOptions } from "./loaded-model.ts";
export type { OpenMerged } from "./merge-engine.ts";
export { predictions, type Prediction } from "./prediction.ts";
export { encodeRows, type Row } from "./rows.ts";
export type { WriteModel, WrittenFile, WrittenModel } from "./written-model.ts";
