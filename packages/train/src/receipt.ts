import { createHasher, formatDigest } from "@graft/digest";
import type { DataReference, TrainingReceipt } from "@graft/format";
import { rowsOfStep } from "./epochs.ts";
import type { Finished } from "./make-result.ts";

/** What was done: the same data, seed and settings give the same receipt. No dates, durations or memory. */
export async function makeReceipt({ options, settings, task, steps, final }: Omit<Finished, "plan">): Promise<TrainingReceipt> {
  const { seed, epochs: _, ...numbers } = settings;
  const evaluation =
    options.data?.evaluation ?? (task.lengths.evaluation.length === 0 ? undefined : await digestRows(options.task.evaluation ?? []));
  return {
    data: options.data?.rows ?? (await digestRows(options.task.rows)),
    ...(evaluation === undefined ? {} : { evaluation }),
    seed,
    steps,
    epochs: steps / Math.ceil(task.lengths.train.length / rowsOfStep(settings)),
    hyperparameters: { ...numbers, steps },
    metrics: final.metrics,
    hardware: { device: options.device ?? "cpu", ...(options.threads === undefined ? {} : { threads: options.threads }) },
  };
}

/** Digest of rows that came from no file: their JSON, a row a line. */
async function digestRows(rows: readonly unknown[]): Promise<DataReference> {
  const hasher = await createHasher();
  const encoder = new TextEncoder();
  for (const row of rows) hasher.update(encoder.encode(`${JSON.stringify(row)}\n`));
  return { digest: formatDigest(hasher.digest()), rows: rows.length };
}
