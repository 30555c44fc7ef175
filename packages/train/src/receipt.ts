import type { TrainingReceipt } from "@graft/format";
import type { DataReferences } from "./data-references.ts";
import { rowsOfStep } from "./epochs.ts";
import type { Finished } from "./make-result.ts";

/** What was done: the same data, seed and settings give the same receipt. No dates, durations or memory. */
export function makeReceipt({ run, steps, final }: Finished, data: DataReferences): TrainingReceipt {
  const { options, settings, task } = run;
  const { seed, epochs: _, ...numbers } = settings;
  return {
    ...data,
    seed,
    steps,
    epochs: steps / Math.ceil(task.lengths.train.length / rowsOfStep(settings)),
    hyperparameters: { ...numbers, steps: run.steps },
    metrics: final.metrics,
    hardware: { device: options.device ?? "cpu", ...(options.threads === undefined ? {} : { threads: options.threads }) },
  };
}
