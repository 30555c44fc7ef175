import { GraftError } from "@graft/error";
import type { LoadedModel } from "@graft/sdk";
import { measure, METRICS, type MetricName, type PlacedRow, placedRows, taskNamed, type TaskName } from "@graft/train";
import { readRows } from "@graft/train/node";
import { command } from "../command.ts";
import { COLUMN_ARGS, columnOptions } from "../data-columns.ts";
import { metricsArgument } from "../metrics-argument.ts";
import { loadModel, MODE_ARGS, MODEL_ARGS } from "../model-options.ts";

/** Rows between two looks at Ctrl-C and the bar. */
const CHUNK = 256;

/** `graft eval`: how well an adapter does on rows whose truth is known. */
export const evaluate = command({
  name: "eval",
  description: "Judge an adapter on rows whose truth is known",
  examples: [
    "graft eval --base ./minilm --adapter adapter.safetensors --data test.jsonl",
    "graft eval --base ./minilm --adapter @quickstart/gloss-topics@^1 --data test.jsonl --mode merge --json",
  ],
  args: {
    ...MODEL_ARGS,
    data: { type: "string", description: "Rows to judge by: JSONL, CSV or TSV", required: true, valueHint: "file" },
    ...MODE_ARGS,
    metrics: { type: "string", description: `What to judge by: ${Object.keys(METRICS).join(", ")}`, valueHint: "list" },
    "skip-bad-rows": { type: "boolean", description: "Leave out rows that cannot be used, and say how many" },
    ...COLUMN_ARGS,
  },
  run: async ({ args, output, signal }) => {
    const names = metricsArgument(args.metrics) ?? (Object.keys(METRICS) as MetricName[]);
    await using model = await loadModel(args, { mode: args.mode, signal });
    const task = taskOf(model);
    const definition = taskNamed(task.type);
    const { rows: source } = (await readRows({ task: task.type as TaskName, data: args.data, split: "held", ...columnOptions(args) })).task;
    const examiner = definition.examine(task);
    const count = { rows: 0, skipped: 0, milliseconds: 0 };
    const run = async (chunk: readonly PlacedRow<unknown>[]): Promise<void> => {
      signal.throwIfAborted();
      const good = chunk.flatMap((placed) => ("row" in placed ? [placed] : []));
      const inputs = good.map(({ row }) => definition.inputs(row));
      const begin = performance.now();
      const answers = await model.run(inputs.flat());
      count.milliseconds += performance.now() - begin;
      let at = 0;
      for (const [index, { row, place }] of good.entries()) {
        const own = answers.slice(at, (at += inputs[index]?.length ?? 0));
        skipping(() => examiner.add({ row, place, answers: own }));
      }
      output.progress.update({ label: "Evaluating", done: count.rows, total: count.rows });
    };
    const skipping = (work: () => void): void => {
      try {
        work();
        count.rows++;
      } catch (cause) {
        if (args["skip-bad-rows"] !== true) throw cause;
        count.skipped++;
      }
    };
    let waiting: PlacedRow<unknown>[] = [];
    for await (const placed of placedRows<unknown>(source)) {
      if ("fault" in placed) {
        if (args["skip-bad-rows"] !== true) throw placed.fault;
        count.skipped++;
        continue;
      }
      waiting.push(placed);
      if (waiting.length < CHUNK) continue;
      await run(waiting);
      waiting = [];
    }
    await run(waiting);
    output.progress.end();
    if (count.rows === 0)
      throw new GraftError("DATA_EMPTY", `Cannot use "${args.data}": it has no rows`, { hint: "Give a file with at least one row" });
    const { outcome, loss } = examiner.verdict();
    const measured = measure(names, { outcome, loss });
    const meaningless = args.metrics === undefined ? undefined : names.find((name) => !Object.hasOwn(measured, name));
    if (meaningless !== undefined)
      throw new GraftError("USAGE", `Cannot judge by "${meaningless}": it says nothing of the task "${task.type}"`, {
        hint: "Leave --metrics out to see all that do",
      });
    const metrics = { ...measured, ...(loss === undefined ? {} : { loss }) };
    const milliseconds = count.milliseconds / count.rows;
    output.line(`${count.rows} rows, ${milliseconds.toFixed(2)} ms per row`);
    if (count.skipped > 0) output.note(`${count.skipped} rows cannot be used, and were left out`);
    output.table(Object.entries(metrics).map(([name, value]) => [name, value.toFixed(4)]));
    output.result({
      rows: count.rows,
      ...(count.skipped === 0 ? {} : { skipped: count.skipped }),
      ...metrics,
      millisecondsPerRow: milliseconds,
      mode: model.mode,
      adapter: model.adapters[0]?.digest,
      fit: model.adapters[0]?.fit,
    });
  },
});

/** The task of a model's adapter; USAGE when it has no head, so that nobody knows what its outputs mean. */
export function taskOf(model: LoadedModel): LoadedModel["adapters"][number]["manifest"]["task"] {
  const { manifest, name } = model.adapters[0] ?? {};
  if (manifest?.task.head !== undefined) return manifest.task;
  throw new GraftError("USAGE", `Cannot tell what "${name ?? ""}" says: its task "${manifest?.task.type ?? ""}" has no head`, {
    hint: "Write with it by graft generate, whose --metrics compare texts; graft train --eval tells its loss and perplexity",
  });
}
