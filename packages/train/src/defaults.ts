import type { MethodOptions } from "@graft/methods";
import type { Hyperparameters, TaskRows } from "./options.ts";

/** Every hyper-parameter, with a value. `steps` stays open: without it `epochs` decides. */
export type Settings = Required<Omit<Hyperparameters, "steps">> & Pick<Hyperparameters, "steps">;

/** What holds for every run that says nothing else. */
export const DEFAULTS: Settings = {
  epochs: 3,
  batchSize: 16,
  maxLength: 128,
  learningRate: 5e-4,
  schedule: "linear",
  warmup: 0.06,
  optimiser: "adamw",
  weightDecay: 0.01,
  maxGradientNorm: 1,
  seed: 42,
  maskRate: 0.15,
  keep: "last",
};

/** Fills in what was left out. Whole models take smaller steps than low-rank differences. */
export function settingsOf(options: Hyperparameters & { readonly method: MethodOptions; readonly task: Pick<TaskRows, "type"> }): Settings {
  const given = Object.fromEntries(
    [...Object.keys(DEFAULTS), "steps"].map((name) => [name, options[name as keyof Settings]]).filter(([, value]) => value !== undefined),
  );
  const fine = options.method.name === "full" && options.task.type === "text-classification" ? { learningRate: 5e-5 } : {};
  return { ...DEFAULTS, ...fine, ...(given as Partial<Settings>) };
}
