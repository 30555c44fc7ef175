import type { ArgsDef } from "citty";
import { DEFAULTS, type Hyperparameters, SCHEDULES, type ScheduleName } from "@graft/train";
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
  "max-length": { type: "string", description: "Longest row in tokens", default: String(DEFAULTS.maxLength), valueHint: "number" },
  seed: { type: "string", description: "The same seed gives the same bytes", default: String(DEFAULTS.seed), valueHint: "number" },
  threads: { type: "string", description: "Threads; all cores when left out", valueHint: "number" },
  device: { type: "enum", description: "Where to compute", options: ["cpu", "webgpu", "cuda", "auto"], default: "cpu" },
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
  readonly "max-length": string;
  readonly seed: string;
  readonly threads?: string | undefined;
  readonly device: string;
  readonly verbose?: boolean | undefined;
}

/** Hyper-parameters and placement as training takes them; USAGE. */
export function loopOptions(args: LoopArguments): Hyperparameters & Pick<TrainFileOptions, "threads" | "device" | "profile"> {
  return {
    schedule: args.schedule as ScheduleName,
    device: args.device as NonNullable<TrainFileOptions["device"]>,
    profile: args.verbose === true,
    ...present({
      epochs: numberArgument(args.epochs, "epochs", { least: 0 }),
      batchSize: numberArgument(args["batch-size"], "batch-size", COUNT),
      microBatchSize: numberArgument(args["micro-batch"], "micro-batch", COUNT),
      accumulation: numberArgument(args.accumulate, "accumulate", COUNT),
      learningRate: numberArgument(args["learning-rate"], "learning-rate", { least: 0 }),
      warmup: numberArgument(args.warmup, "warmup", { least: 0 }),
      maxLength: numberArgument(args["max-length"], "max-length", COUNT),
      seed: numberArgument(args.seed, "seed", { least: 0, whole: true }),
      threads: numberArgument(args.threads, "threads", COUNT),
    }),
  };
}
