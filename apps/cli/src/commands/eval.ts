import { GraftError } from "@graft/error";
import type { LoadedModel, Prediction } from "@graft/sdk";
import { collectRows, measure } from "@graft/train";
import { readRows } from "@graft/train/node";
import { command } from "../command.ts";
import { loadModel, MODEL_ARGS } from "../model-options.ts";

/** Rows between two looks at Ctrl-C and the bar. */
const CHUNK = 256;

/** `graft eval`: how well an adapter does on labelled rows. */
export const evaluate = command({
  name: "eval",
  description: "Judge an adapter on labelled rows",
  examples: [
    "graft eval --base ./minilm --adapter adapter.safetensors --data test.jsonl",
    "graft eval --base ./minilm --adapter @quickstart/gloss-topics@^1 --data test.jsonl --mode merge --json",
  ],
  args: {
    ...MODEL_ARGS,
    data: { type: "string", description: "Rows to judge by: JSONL, CSV or TSV with text and label", required: true, valueHint: "file" },
    mode: { type: "enum", description: "How the adapter is loaded", options: ["attach", "merge"], default: "attach" },
    text: { type: "string", description: "Name of the text column", default: "text", valueHint: "column" },
    pair: { type: "string", description: "Name of the column of the second text, if there is one", valueHint: "column" },
    label: { type: "string", description: "Name of the label column", default: "label", valueHint: "column" },
  },
  run: async ({ args, output, signal }) => {
    const columns = { text: args.text, label: args.label, ...(args.pair === undefined ? {} : { pair: args.pair }) };
    const { task } = await readRows({ task: "text-classification", data: args.data, columns });
    if (task.type !== "text-classification") return;
    const rows = await collectRows(task.rows);
    if (rows.length === 0)
      throw new GraftError("DATA_EMPTY", `Cannot use "${args.data}": it has no rows`, { hint: "Give a file with at least one row" });
    await using model = await loadModel(args, { mode: args.mode as "attach" | "merge", signal });
    const labels = labelsOf(model);
    const actual = rows.map(({ label }) => indexOf(labels, label));
    const predictions: Prediction[] = [];
    const begin = performance.now();
    for (let at = 0; at < rows.length; at += CHUNK) {
      signal.throwIfAborted();
      predictions.push(...(await model.run(rows.slice(at, at + CHUNK))));
      output.progress.update({ label: "Evaluating", done: predictions.length, total: rows.length });
    }
    const milliseconds = (performance.now() - begin) / rows.length;
    output.progress.end();
    const predicted = predictions.map(({ label }) => labels.indexOf(label ?? ""));
    const metrics = {
      ...measure(["accuracy", "f1"], { outcome: { kind: "classes", predicted, actual, classes: labels.length }, loss: 0 }),
      loss: meanLoss(predictions, rows),
    };
    output.line(`${rows.length} rows, ${milliseconds.toFixed(2)} ms per row`);
    output.table(Object.entries(metrics).map(([name, value]) => [name, value.toFixed(4)]));
    output.result({
      rows: rows.length,
      ...metrics,
      millisecondsPerRow: milliseconds,
      mode: args.mode,
      adapter: model.adapters[0]?.digest,
      fit: model.adapters[0]?.fit,
    });
  },
});

/** The labels of a model's adapter; USAGE when its task has none. */
export function labelsOf(model: LoadedModel): readonly string[] {
  const { manifest, name } = model.adapters[0] ?? {};
  const labels = manifest?.task.labels ?? [];
  if (labels.length > 0) return labels;
  throw new GraftError("USAGE", `Cannot classify with "${name ?? ""}": its task "${manifest?.task.type ?? ""}" has no labels`);
}

function indexOf(labels: readonly string[], label: string): number {
  const index = labels.indexOf(label);
  if (index >= 0) return index;
  throw new GraftError("DATA_INVALID", `Cannot evaluate: the adapter does not know the label "${label}"`, {
    hint: `Its labels are ${labels.map((known) => `"${known}"`).join(", ")}`,
  });
}

/** Mean of −ln of the score that the true label was given. */
function meanLoss(predictions: readonly Prediction[], rows: readonly { label: string }[]): number {
  const losses = rows.map(({ label }, index) => -Math.log(Math.max(predictions[index]?.scores[label] ?? 0, Number.MIN_VALUE)));
  return losses.reduce((sum, loss) => sum + loss, 0) / rows.length;
}
