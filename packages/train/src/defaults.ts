import { type MethodOptions, METHODS } from "@graft/methods";
import { OPTIMISER_DEFAULTS } from "./append-update.ts";
import type { Hyperparameters } from "./options.ts";
import type { TaskRows } from "./tasks.ts";

/** What stays open when it is left out: without `steps`, `epochs` decides; without `microBatchSize`, batches are run whole, and so on. */
const OPEN = ["steps", "microBatchSize", "evaluateEvery", "patience"] as const satisfies (keyof Hyperparameters)[];
type Open = (typeof OPEN)[number];

/** Every hyper-parameter, with a value. */
export type Settings = Required<Omit<Hyperparameters, Open>> & Pick<Hyperparameters, Open>;

/** What holds for every run that says nothing else. */
export const DEFAULTS: Settings = {
  epochs: 3,
  batchSize: 16,
  accumulation: 1,
  maxLength: 128,
  learningRate: 5e-4,
  schedule: "linear",
  warmup: 0.06,
  optimiser: "adamw",
  ...OPTIMISER_DEFAULTS,
  weightDecay: 0.01,
  maxGradientNorm: 1,
  labelSmoothing: 0,
  precision: "full",
  seed: 42,
  maskRate: 0.15,
  keep: "last",
  bestBy: "loss",
  maxLossRatio: 10,
};

/** Fills in what was left out; the learning rate is the method's own. */
export function settingsOf(options: Hyperparameters & { readonly method: MethodOptions; readonly task: Pick<TaskRows, "type"> }): Settings {
  const given = Object.fromEntries(
    [...Object.keys(DEFAULTS), ...OPEN].map((name) => [name, options[name as keyof Settings]]).filter(([, value]) => value !== undefined),
  );
  // Pre-training begins from nothing, or nearly so, and takes larger steps than a change of what is there.
  const pretraining = options.method.name === "full" && options.task.type === "masked-language-modelling";
  const learningRate = pretraining ? DEFAULTS.learningRate : METHODS[options.method.name].learningRate;
  const keep = options.patience === undefined ? DEFAULTS.keep : "best";
  return { ...DEFAULTS, learningRate, keep, ...(given as Partial<Settings>) };
}
