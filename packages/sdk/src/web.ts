export type { FitKind, LoadedAdapter, Prediction, Row, RunRowsOptions, TaskAnswers } from "@graft/loader";
export { load, type LoadOptions, type PageModel } from "./web/page-model.ts";
export type { PageOptions } from "./web/page-options.ts";
export type { AdapterModule } from "./modules/adapter-module.ts";
export { bundledAdapter } from "./web/bundled-adapter.ts";
export type { PageTraining } from "./web/train-messages.ts";
export { train, type TrainPageOptions } from "./web/train-page.ts";
