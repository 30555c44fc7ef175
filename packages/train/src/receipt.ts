import { createHasher, type Digest, formatDigest } from "@graft/digest";
import type { DataReference, TrainingReceipt } from "@graft/format";
import { placedRows, type Rows } from "./data/rows.ts";
import { rowsOfStep } from "./epochs.ts";
import type { Finished } from "./make-result.ts";

/** What was done: the same data, seed and settings give the same receipt. No dates, durations or memory. */
export async function makeReceipt({ options, settings, task, steps, final }: Omit<Finished, "plan">): Promise<TrainingReceipt> {
  const { seed, epochs: _, ...numbers } = settings;
  const held = task.lengths.evaluation.length;
  return {
    data: await referTo(options.task.rows, { digest: options.data?.rows, rows: task.lengths.train.length }),
    ...(held === 0 ? {} : { evaluation: await referTo(options.task.evaluation ?? [], { digest: options.data?.evaluation, rows: held }) }),
    seed,
    steps,
    epochs: steps / Math.ceil(task.lengths.train.length / rowsOfStep(settings)),
    hyperparameters: { ...numbers, steps },
    metrics: final.metrics,
    hardware: { device: options.device ?? "cpu", ...(options.threads === undefined ? {} : { threads: options.threads }) },
  };
}

/** Data by its files' digest; rows that came from no file by that of their JSON, a row a line. */
async function referTo(data: Rows<unknown>, { digest, rows }: { digest: Digest | undefined; rows: number }): Promise<DataReference> {
  if (digest !== undefined) return { digest, rows };
  const hasher = await createHasher();
  const encoder = new TextEncoder();
  for await (const placed of placedRows(data)) {
    if ("row" in placed) hasher.update(encoder.encode(`${JSON.stringify(placed.row)}\n`));
  }
  return { digest: formatDigest(hasher.digest()), rows };
}
