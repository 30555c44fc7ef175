import type { Base, BaseIdentity } from "@graft/architectures";
import type { Digest } from "@graft/digest";
import type { Device, Session, SessionOptions, Tokenizer } from "@graft/runtime";
import type { MethodOptions } from "@graft/methods";
import type { Checkpoints } from "./checkpoints/snapshot.ts";
import type { Example, ExampleStore } from "./examples.ts";
import type { MetricName } from "./metrics.ts";
import type { Precision } from "./mixed-precision.ts";
import type { PassName } from "./passes.ts";
import type { OptimiserName } from "./optimisers.ts";
import type { ScheduleName } from "./schedules.ts";
import type { TaskRows } from "./tasks.ts";

/** Numbers of a run; what is left out takes the default of DEFAULTS. */
export interface Hyperparameters {
  readonly epochs?: number;
  /** Stops after so many steps, whatever `epochs` says; the schedule ends there. */
  readonly steps?: number;
  /** Rows of one step, before `accumulation`. */
  readonly batchSize?: number;
  /** Batches whose gradients are added up for one step: the same as a batch that many times as large. */
  readonly accumulation?: number;
  /** Rows that are run at once: a part of the batch, for less memory; the step is the same within rounding. */
  readonly microBatchSize?: number;
  /** Longest row in tokens; longer ones are cut. */
  readonly maxLength?: number;
  /** Highest learning rate, reached after the warm-up. */
  readonly learningRate?: number;
  readonly schedule?: ScheduleName;
  /** Below 1 a share of all steps, else a number of steps. */
  readonly warmup?: number;
  readonly optimiser?: OptimiserName;
  /** Of AdamW. */
  readonly beta1?: number;
  /** Of AdamW. */
  readonly beta2?: number;
  /** Of AdamW. */
  readonly epsilon?: number;
  /** Of stochastic gradient descent. */
  readonly momentum?: number;
  /** Decoupled weight decay; none on biases and normalisations. */
  readonly weightDecay?: number;
  /** Largest norm over all gradients; 0 turns clipping off. */
  readonly maxGradientNorm?: number;
  /** Share of the truth that is spread evenly over all classes (Szegedy et al. 2016); evaluations are without it. */
  readonly labelSmoothing?: number;
  /** `mixed` computes products with the base's matrices in float16: for devices that are faster at it. */
  readonly precision?: Precision;
  readonly seed?: number;
  /** Share of tokens that masked-language modelling hides. */
  readonly maskRate?: number;
  /** Which weights are the result: those after the last step, or those of the best evaluation. */
  readonly keep?: "last" | "best";
  /** Steps between two evaluations; an epoch by default. One comes at the end in any case. */
  readonly evaluateEvery?: number;
  /** Ends the run after so many evaluations without a better one. The best weights are then the result. */
  readonly patience?: number;
  /** What evaluations are compared by: `loss`, or one of the metrics. */
  readonly bestBy?: string;
  /** Ends the run when the loss of a step is so many times its running level; 0 turns that off. */
  readonly maxLossRatio?: number;
}

/** How a run of training is set up. */
export interface TrainOptions extends Hyperparameters {
  readonly base: Base;
  /** Of a base that takes texts. */
  readonly tokenizer?: Tokenizer;
  /** Reads a file that a row names, such as an image's. */
  readonly readFile?: (path: string) => Promise<Uint8Array>;
  readonly task: TaskRows;
  readonly method: MethodOptions;
  /** Metrics of the evaluation; the task's own by default. */
  readonly metrics?: readonly MetricName[];
  /** Leaves out rows that cannot be used; by default the first ends the run. */
  readonly skipBadRows?: boolean;
  /** Where encoded rows are kept: in memory by default. */
  readonly openStore?: <E extends Example>() => ExampleStore<E>;
  /** Digests of the data for the receipt; taken over the rows when absent. */
  readonly data?: { readonly rows?: Digest; readonly evaluation?: Digest };
  /** Tells who the base is, for the manifest; by its weights alone when absent. */
  readonly identify?: (base: Base) => Promise<BaseIdentity>;
  readonly openSession: (model: Uint8Array, options: SessionOptions) => Promise<Session>;
  /** Where checkpoints go, and the one to go on from. */
  readonly checkpoints?: Checkpoints;
  /** Rows that the end shows with what the result makes of them; none by default. */
  readonly samples?: number;
  /** Learning rate of each step, counted from 0, instead of the schedule's. */
  readonly rateAt?: (step: number) => number;
  /** Bytes of the machine's memory: a run that cannot fit is then refused before it starts. */
  readonly memory?: number;
  readonly threads?: number;
  readonly device?: Device;
  /** Tells after the first step where each operator ran, and how long it took. */
  readonly profile?: boolean;
  /** Passes over the step's graph to leave out: to measure them, or to look for a fault. */
  readonly without?: readonly PassName[];
  readonly signal?: AbortSignal;
}
