import { METRICS, type MetricName } from "@graft/train";
import { counted } from "@graft/terminal";
import { answerBatches } from "../answer-batches.ts";
import { answeringTask } from "../answering-task.ts";
import { command, type Context } from "../command.ts";
import { COLUMN_ARGS } from "../data-columns.ts";
import { judgeRows } from "../judge-rows.ts";
import { judgeTexts, readQuestions } from "../judge-texts.ts";
import { metricsArgument } from "../metrics-argument.ts";
import { loadModel, loadTextGenerator, MODE_ARGS, MODEL_ARGS } from "../model-options.ts";

const ARGS = {
  ...MODEL_ARGS,
  data: { type: "string", description: "Rows to judge by: JSONL, CSV or TSV", required: true, valueHint: "file" },
  ...MODE_ARGS,
  metrics: {
    type: "string",
    description: `What to judge by, the task's own when left out: ${Object.keys(METRICS).join(", ")}`,
    valueHint: "list",
  },
  "skip-bad-rows": { type: "boolean", description: "Leave out rows that cannot be used, and say how many" },
  ...COLUMN_ARGS,
} as const;

/** `graft eval`: how well an adapter does on rows whose truth is known. */
export const evaluate = command({
  name: "eval",
  description: "Judge an adapter on rows whose truth is known",
  examples: [
    "graft eval --base ./minilm --adapter adapter.safetensors --data test.jsonl",
    "graft eval --base ./minilm --adapter @quickstart/gloss-topics@^1 --data test.jsonl --mode merge --json",
    "graft eval --base ./gpt2 --adapter captions.safetensors --data test.jsonl --metrics perplexity,bleu,rouge-l",
  ],
  args: ARGS,
  run: async (context) => {
    const { args, output, signal } = context;
    const asked = metricsArgument(args.metrics);
    await using model = await loadModel(args, { mode: args.mode, signal });
    const { type } = model.adapters[0]?.manifest.task ?? answeringTask(model);
    // What compares texts is taken from what a language model writes.
    const written = type === "causal-language-modelling" ? (asked ?? []).filter((name) => METRICS_OF_TEXTS.has(name)) : [];
    const scored = asked?.filter((name) => !written.includes(name));
    const judged =
      scored?.length === 0
        ? undefined
        : await judgeRows(model, {
            ...args,
            skipBadRows: args["skip-bad-rows"] === true,
            names: scored,
            signal,
            progress: output.progress,
          });
    const texts = written.length === 0 ? {} : await judgeWritten(context, written);
    const { rows, skipped = 0, milliseconds = 0, loss } = judged ?? {};
    const metrics = { ...judged?.metrics, ...texts, ...(loss === undefined ? {} : { loss }) };
    output.progress.end();
    if (rows !== undefined) output.line(`${counted(rows, "row")}, ${milliseconds.toFixed(2)} ms per row`);
    if (skipped > 0) output.note(`${counted(skipped, "row")} cannot be used, and ${skipped === 1 ? "was" : "were"} left out`);
    output.table(Object.entries(metrics).map(([name, value]) => [name, value.toFixed(4)]));
    output.result({
      ...(rows === undefined ? {} : { rows, millisecondsPerRow: milliseconds }),
      ...(skipped === 0 ? {} : { skipped }),
      ...metrics,
      mode: model.mode,
      adapter: model.adapters[0]?.digest,
      fit: model.adapters[0]?.fit,
    });
  },
});

const METRICS_OF_TEXTS: ReadonlySet<string> = new Set(
  Object.entries(METRICS).flatMap(([name, metric]) => ("texts" in metric ? [name] : [])),
);

/** What a language model writes for the questions of the file, compared with their answers. */
async function judgeWritten(
  { args, output, signal }: Context<typeof ARGS>,
  names: readonly MetricName[],
): Promise<Readonly<Record<string, number>>> {
  const asked = await readQuestions(args.data);
  await using generator = await loadTextGenerator(args, { mode: args.mode, signal });
  const prompts = asked.map(({ prompt }) => prompt);
  const texts: string[] = [];
  for await (const answers of answerBatches(generator, prompts, { signal })) {
    texts.push(...answers.map(({ text }) => text));
    output.progress.update({ label: "Generating", done: texts.length, total: prompts.length });
  }
  return judgeTexts(names, { asked, texts });
}
