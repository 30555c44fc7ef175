export type { EndEvent, EvaluationEvent, StartEvent, StepEvent, TrainEvent } from "./events.ts";
export type { Hyperparameters, TaskRows, TrainOptions } from "./options.ts";
export type { LabelledRow } from "./data/labelled-row.ts";
export type { TextRow } from "./data/text-row.ts";
export type { Columns } from "./data/columns.ts";
export { readJsonl } from "./data/read-jsonl.ts";
export { DEFAULTS, settingsOf, type Settings } from "./defaults.ts";
export { buildEvaluation, EVALUATION_OUTPUTS } from "./build-evaluation.ts";
export { buildAccumulation, type AccumulationGraph } from "./build-accumulation.ts";
export { OPTIMISER_DEFAULTS, type StateTensor, type UpdateOptions } from "./append-update.ts";
export { buildStep, type StepGraph, type StepOptions } from "./build-step.ts";
export { ACCUMULATION_INPUTS, STEP_INPUTS, STEP_OUTPUTS, UPDATE_PART } from "./step-names.ts";
export type { ForwardOptions } from "./forward-graph.ts";
export { IGNORED, maskRow, type MaskedRow, type MaskVocabulary } from "./masking.ts";
export { METRICS, type Metric, type Predictions } from "./metrics.ts";
export {
  OPTIMISERS,
  type Optimiser,
  type OptimiserConstants,
  type OptimiserName,
  type StepScalars,
  type Update,
  type Updated,
} from "./optimisers.ts";
export { randomBase } from "./random-base.ts";
export type { AdapterResult, CheckpointResult, TrainResult } from "./result.ts";
export { learningRateAt, SCHEDULES, warmupSteps, type Schedule, type ScheduleName } from "./schedules.ts";
export { train } from "./train.ts";
