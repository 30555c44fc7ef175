export type { CheckpointInterval, Checkpoints, EvaluationState, LossLevel, Restored, Snapshot } from "./checkpoints/snapshot.ts";
export { CHECKPOINT_INTERVAL } from "./checkpoints/interval.ts";
export { checkIdentity, identityDifferences, type RunIdentity } from "./checkpoints/run-identity.ts";
export { decodeCheckpoint, encodeCheckpoint } from "./checkpoints/checkpoint-file.ts";
export type { Evaluated, Metrics } from "./evaluator.ts";
export type { CheckpointEvent, EndEvent, EvaluationEvent, OperatorsEvent, Sample, StartEvent, StepEvent, TrainEvent } from "./events.ts";
export type { Hyperparameters, TrainOptions } from "./options.ts";
export type { ColumnRole, Columns } from "./data/columns.ts";
export { collectRows, placedRows, type Place, type PlacedRow, type Rows, type RowStream } from "./data/rows.ts";
export type { Example, ExampleStore } from "./examples.ts";
export { TASKS, taskNamed, type AnyTask, type TaskName, type TaskOptions, type TaskRows } from "./tasks.ts";
export type { Answer, Examination, Examined, Examiner, ModelInput } from "./tasks/examiner.ts";
export type { Batch, Judge, Part, Task, TaskDefinition } from "./tasks/task.ts";
export type { CausalLanguageRows } from "./tasks/causal-language-modelling.ts";
export { type CausalPrompt, type CausalRow, questionOf } from "./tasks/causal-rows.ts";
export type { ImageClassificationRows, ImageRow } from "./tasks/image-classification.ts";
export type { MaskedLanguageRows, TextRow } from "./tasks/masked-language-modelling.ts";
export type { RegressionRows, ScoredRow } from "./tasks/regression.ts";
export type { TensorRow, TensorRows } from "./tasks/tensors.ts";
export type { Nested } from "./tasks/nested.ts";
export type { PairRow, SentenceEmbeddingRows } from "./tasks/sentence-embeddings.ts";
export type { TaggedRow, TokenClassificationRows } from "./tasks/token-classification.ts";
export type { LabelledRow, TextClassificationRows } from "./tasks/text-classification.ts";
export { DEFAULTS, settingsOf, type Settings } from "./defaults.ts";
export { buildEvaluation, EVALUATION_OUTPUTS } from "./build-evaluation.ts";
export { buildAccumulation, type AccumulationGraph } from "./build-accumulation.ts";
export { OPTIMISER_DEFAULTS, type StateTensor, type UpdateOptions } from "./append-update.ts";
export { buildStep, type StepGraph, type StepOptions } from "./build-step.ts";
export { ACCUMULATION_INPUTS, STEP_INPUTS, STEP_OUTPUTS, UPDATE_PART } from "./step-names.ts";
export type { ForwardOptions } from "./forward-graph.ts";
export { IGNORED, maskRow, type MaskedRow, type MaskVocabulary } from "./masking.ts";
export { measure, METRICS, type Metric, type MetricName, type Outcome, type OutcomeOf } from "./metrics.ts";
export {
  OPTIMISERS,
  type Optimiser,
  type OptimiserConstants,
  type OptimiserName,
  type StepScalars,
  type Update,
  type Updated,
} from "./optimisers.ts";
export type { Precision } from "./mixed-precision.ts";
export { PASSES, type PassName } from "./passes.ts";
export type { Pass } from "./passes/pass.ts";
export { randomBase } from "./random-base.ts";
export type { AdapterResult, CheckpointResult, TrainResult } from "./result.ts";
export type { Room } from "./room.ts";
export { learningRateAt, SCHEDULES, warmupSteps, type Schedule, type ScheduleName } from "./schedules.ts";
export { rangeTest, type RangePoint, type RangeTest, type RangeTestOptions, type StartRun } from "./range-test.ts";
export type { Table } from "./report/html.ts";
export { pageHtml, type Section } from "./report/page.ts";
export type { Curve, Plot } from "./report/plot.ts";
export { RunRecorder, type RunRecord } from "./report/run-record.ts";
export { runReport, type ReportOptions } from "./report/run-report.ts";
export { gridCells, summariseCells, type Axes, type Cell, type CellSummary } from "./sweep.ts";
export { train } from "./train.ts";
export { recipeNamed, RECIPES, type Recipe } from "./recipes.ts";
