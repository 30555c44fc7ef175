export type { EndEvent, EvaluationEvent, StartEvent, StepEvent, TrainEvent } from "./events.ts";
export type { Hyperparameters, TaskRows, TrainOptions } from "./options.ts";
export type { LabelledRow } from "./data/labelled-row.ts";
export { OPTIMISERS, type Optimiser, type OptimiserName } from "./optimisers.ts";
export type { AdapterResult, CheckpointResult, TrainResult } from "./result.ts";
export { learningRateAt, SCHEDULES, warmupSteps, type Schedule, type ScheduleName } from "./schedules.ts";
export { train } from "./train.ts";
