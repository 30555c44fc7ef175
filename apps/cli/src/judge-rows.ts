import { GraftError } from "@graft/error";
import type { LoadedModel } from "@graft/sdk";
import type { Progress } from "@graft/terminal";
import { type Examiner, measure, METRICS, type MetricName, type PlacedRow, placedRows, taskNamed, type TaskName } from "@graft/train";
import { readRows } from "@graft/train/node";
import { answeringTask } from "./answering-task.ts";
import { type ColumnArguments, columnOptions } from "./data-columns.ts";

/** Rows between two looks at Ctrl-C and the bar; of language models, whose answers are as wide as the vocabulary, fewer. */
const CHUNK = 256;
const LANGUAGE_CHUNK = 4;

/** What rows say of a model. */
export interface Judged {
  readonly rows: number;
  readonly skipped: number;
  readonly milliseconds: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly loss: number | undefined;
}

/** Runs every row and compares; the metrics are the task's own where none is named. USAGE for one that says nothing of the task, DATA_EMPTY, DATA_INVALID. */
export async function judgeRows(
  model: LoadedModel,
  options: ColumnArguments & {
    readonly data: string;
    readonly skipBadRows: boolean;
    readonly names: readonly MetricName[] | undefined;
    readonly signal: AbortSignal;
    readonly progress: Progress;
  },
): Promise<Judged> {
  const { data, skipBadRows, signal } = options;
  const { task } = model.adapters[0]?.manifest ?? { task: answeringTask(model) };
  const { rows: source } = (await readRows({ task: task.type as TaskName, data, split: "held", ...columnOptions(options) })).task;
  const examiner = taskNamed(task.type).examine({ ...task, tokenizer: model.tokenizer, maxLength: model.maxLength });
  const size = task.head === undefined ? LANGUAGE_CHUNK : CHUNK;
  const count = { rows: 0, skipped: 0, milliseconds: 0 };
  const skipping = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (cause) {
      if (!skipBadRows) throw cause;
      count.skipped++;
      return undefined;
    }
  };
  const run = async (chunk: readonly Placed[]): Promise<void> => {
    signal.throwIfAborted();
    const good = chunk.flatMap(({ row, place }) => {
      const inputs = skipping(() => examiner.inputs(row, place));
      return inputs === undefined ? [] : [{ row, place, inputs }];
    });
    const begin = performance.now();
    const answers = await model.run(
      good.flatMap(({ inputs }) => inputs),
      size === CHUNK ? {} : { batchSize: size },
    );
    count.milliseconds += performance.now() - begin;
    let at = 0;
    for (const { row, place, inputs } of good) {
      const own = answers.slice(at, (at += inputs.length));
      skipping(() => {
        examiner.add({ row, place, answers: own });
        count.rows++;
      });
    }
    options.progress.update({ label: "Evaluating", done: count.rows, total: count.rows });
  };
  let waiting: Placed[] = [];
  for await (const placed of placedRows<unknown>(source)) {
    if ("fault" in placed) {
      skipping(() => {
        throw placed.fault;
      });
      continue;
    }
    waiting.push(placed);
    if (waiting.length < size) continue;
    await run(waiting);
    waiting = [];
  }
  await run(waiting);
  if (count.rows === 0)
    throw new GraftError("DATA_EMPTY", `Cannot use "${data}": it has no rows`, { hint: "Give a file with at least one row" });
  const { metrics, loss } = measured(examiner, { names: options.names, task: task.type });
  return { rows: count.rows, skipped: count.skipped, milliseconds: count.milliseconds / count.rows, metrics, loss };
}

type Placed = Extract<PlacedRow<unknown>, { readonly row: unknown }>;

function measured(
  examiner: Examiner<unknown>,
  { names, task }: { names: readonly MetricName[] | undefined; task: string },
): { metrics: Readonly<Record<string, number>>; loss: number | undefined } {
  const { outcome, loss } = examiner.verdict();
  const metrics = measure(names ?? examiner.metrics, { outcome, loss });
  const meaningless = names?.find((name) => !Object.hasOwn(metrics, name));
  if (meaningless === undefined) return { metrics, loss };
  const all = Object.keys(METRICS) as MetricName[];
  throw new GraftError("USAGE", `Cannot judge by "${meaningless}": it says nothing of the task "${task}"`, {
    hint: `Choose among ${Object.keys(measure(all, { outcome, loss })).join(", ")}`,
  });
}
