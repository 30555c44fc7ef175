import { createHasher, type Digest, formatDigest } from "@graft/digest";
import type { DataReference } from "@graft/format";
import { placedRows, type Rows } from "./data/rows.ts";
import type { TrainOptions } from "./options.ts";
import type { Task } from "./tasks/task.ts";

/** The data of a run by content. */
export interface DataReferences {
  readonly data: DataReference;
  readonly evaluation?: DataReference;
}

/** Takes the digests of a run's rows, where its files' digests are not given. */
export async function referToData(
  options: Pick<TrainOptions, "task" | "data">,
  { lengths }: Pick<Task, "lengths">,
): Promise<DataReferences> {
  const { task, data } = options;
  const held = lengths.evaluation.length;
  return {
    data: await referTo(task.rows, { digest: data?.rows, rows: lengths.train.length }),
    ...(held === 0 ? {} : { evaluation: await referTo(task.evaluation ?? [], { digest: data?.evaluation, rows: held }) }),
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
