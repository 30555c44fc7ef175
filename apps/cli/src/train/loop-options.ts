import type { ArgsDef } from "citty";
import { DEFAULTS, type Hyperparameters, type OptimiserName, OPTIMISERS, type Precision, SCHEDULES, type ScheduleName } from "@graft/train";
import type { TrainFileOptions } from "@graft/train/node";
import { numberArgument } from "../command.ts";
import { present } from "./present.ts";

/** Options of the loop: its hyper-parameters, and where it runs. */
export const LOOP_ARGS = {
  epochs: { type: "string", description: "Times that all rows are read", default: String(DEFAULTS.epochs), valueHint: "number" },
  "batch-size": { type: "string", description: "Rows of one step", default: String(DEFAULTS.batchSize), valueHint: "number" },
  "micro-batch": { type: "string", description: "Rows run at once, for less memory: the step stays the same", valueHint: "number" },
  accumulate: { type: "string", description: "Batches whose gradients make one step", valueHint: "number" },
  "learning-rate": { type: "string", description: "Highest learning rate; the method's own when left out", valueHint: "number" },
  schedule: { type: "enum", description: "How the learning rate goes", options: Object.keys(SCHEDULES), default: DEFAULTS.schedule },
  warmup: {
    type: "string",
    description: "Share of all steps, or a number of steps",
    default: String(DEFAULTS.warmup),
    valueHint: "number",
  },
  steps: { type: "string", description: "Steps in all, instead of epochs", valueHint: "number" },
  optimiser: {
    type: "enum",
    description: "How weights follow their gradients",
    options: Object.keys(OPTIMISERS),
    default: DEFAULTS.optimiser,
  },
  momentum: { type: "string", description: "Of sgd", default: String(DEFAULTS.momentum), valueHint: "number" },
  "weight-decay": {
    type: "string",
    description: "Decoupled; none on biases and normalisations",
    default: String(DEFAULTS.weightDecay),
    valueHint: "number",
  },
  clip: {
    type: "string",
    description: "Largest norm of all gradients; 0 for none",
    default: String(DEFAULTS.maxGradientNorm),
    valueHint: "number",
  },
  "label-smoothing": {
    type: "string",
    description: "Share of the truth that is spread over all classes",
    default: String(DEFAULTS.labelSmoothing),
    valueHint: "share",
  },
  "evaluate-every": { type: "string", description: "Steps between two evaluations; an epoch when left out", valueHint: "number" },
  "best-by": {
    type: "string",
    description: "What evaluations are compared by: loss or a metric",
    default: DEFAULTS.bestBy,
    valueHint: "name",
  },
  keep: { type: "enum", description: "Weights that are the result: last, or best with --patience", options: ["last", "best"] },
  patience: { type: "string", description: "End after so many evaluations without a better one", valueHint: "number" },
  "max-length": { type: "string", description: "Longest row in tokens", default: String(DEFAULTS.maxLength), valueHint: "number" },
  seed: { type: "string", description: "The same seed gives the same bytes", default: String(DEFAULTS.seed), valueHint: "number" },
  threads: { type: "string", description: "Threads; all cores when left out", valueHint: "number" },
  device: { type: "enum", description: "Where to compute", options: ["cpu", "webgpu", "cuda", "auto"], default: "cpu" },
  precision: {
    type: "enum",
    description: "mixed: products with the base's matrices in float16, for devices that are faster at it",
    options: ["full", "mixed"],
    default: DEFAULTS.precision,
  },
  verbose: { type: "boolean", description: "Show where each operator ran in the first step, and how long it took" },
} as const satisfies ArgsDef;

const COUNT = { least: 1, whole: true };

/** What LOOP_ARGS parse to. */
export interface LoopArguments {
  readonly epochs: string;
  readonly "batch-size": string;
  readonly "micro-batch"?: string | undefined;
  readonly accumulate?: string | undefined;
  readonly "learning-rate"?: string | undefined;
  readonly schedule: string;
  readonly warmup: string;
  readonly steps?: string | undefined;
  readonly optimiser: string;
  readonly momentum: string;
  readonly "weight-decay": string;
  readonly clip: string;
  readonly "label-smoothing": string;
  readonly "evaluate-every"?: string | undefined;
  readonly "best-by": string;
  readonly keep?: string | undefined;
  readonly patience?: string | undefined;
  readonly "max-length": string;
  readonly seed: string;
  readonly threads?: string | undefined;
  readonly device: string;
  readonly precision: string;
  readonly verbose?: boolean | undefined;
}

/** Hyper-parameters and placement as training takes them; USAGE. */
export function loopOptions(args: LoopArguments): Hyperparameters & Pick<TrainFileOptions, "threads" | "device" | "profile"> {
  return {
    schedule: args.schedule as ScheduleName,
    device: args.device as NonNullable<TrainFileOptions["device"]>,
    precision: args.precision as Precision,
    profile: args.verbose === true,
    ...present({
      epochs: numberArgument(args.epochs, "epochs", { least: 0 }),
      batchSize: numberArgument(args["batch-size"], "batch-size", COUNT),
      microBatchSize: numberArgument(args["micro-batch"], "micro-batch", COUNT),
      accumulation: numberArgument(args.accumulate, "accumulate", COUNT),
      learningRate: numberArgument(args["learning-rate"], "learning-rate", { least: 0 }),
      warmup: numberArgument(args.warmup, "warmup", { least: 0 }),
      steps: numberArgument(args.steps, "steps", COUNT),
      optimiser: args.optimiser as OptimiserName,
      momentum: numberArgument(args.momentum, "momentum", { least: 0 }),
      weightDecay: numberArgument(args["weight-decay"], "weight-decay", { least: 0 }),
      maxGradientNorm: numberArgument(args.clip, "clip", { least: 0 }),
      labelSmoothing: numberArgument(args["label-smoothing"], "label-smoothing", { least: 0 }),
      evaluateEvery: numberArgument(args["evaluate-every"], "evaluate-every", COUNT),
      bestBy: args["best-by"],
      keep: args.keep as "last" | "best" | undefined,
      patience: numberArgument(args.patience, "patience", COUNT),
      maxLength: numberArgument(args["max-length"], "max-length", COUNT),
      seed: numberArgument(args.seed, "seed", { least: 0, whole: true }),
      threads: numberArgument(args.threads, "threads", COUNT),
    }),
  };
}
