import { createInterface } from "node:readline";
import { GraftError } from "@graft/error";
import type { LoadedModel, Prediction } from "@graft/sdk";
import { collectRows, type ModelInput, type TaskName } from "@graft/train";
import { readInputs } from "@graft/train/node";
import { answeringTask } from "../answering-task.ts";
import { command, type Context } from "../command.ts";
import { COLUMN_ARGS, columnOptions } from "../data-columns.ts";
import { loadModel, MODE_ARGS, MODEL_ARGS } from "../model-options.ts";

/** Rows of one answer: those of standard input come out in step with what comes in. */
const CHUNK = 32;

const ARGS = {
  ...MODEL_ARGS,
  ...MODE_ARGS,
  input: { type: "positional", description: "The text; lines of standard input when left out", required: false, valueHint: "text" },
  data: { type: "string", description: "Rows to predict: JSONL, CSV, TSV, or a text a line", valueHint: "file" },
  text: COLUMN_ARGS.text,
  pair: COLUMN_ARGS.pair,
  words: COLUMN_ARGS.words,
  image: COLUMN_ARGS.image,
} as const;

/** `graft predict`: what an adapter says of texts. */
export const predict = command({
  name: "predict",
  description: "Say what an adapter says of a text, of lines of standard input, or of the rows of a file",
  examples: [
    'graft predict --base ./minilm --adapter adapter.safetensors "a small bird that sings"',
    "graft predict --base ./minilm --adapter @quickstart/gloss-topics@^1 --data rows.jsonl --json",
    "cat lines.txt | graft predict --base ./minilm --adapter adapter.safetensors",
  ],
  args: ARGS,
  run: async (context) => {
    const { args, output, signal } = context;
    if (args.input !== undefined && args.data !== undefined)
      throw new GraftError("USAGE", "Cannot predict both a text and a file", { hint: "Give one of them" });
    await using model = await loadModel(args, { mode: args.mode, signal });
    const { type } = answeringTask(model);
    const results: unknown[] = [];
    for await (const inputs of await batchesOf(context, type as TaskName)) {
      signal.throwIfAborted();
      if (output.closed) return;
      for (const [index, prediction] of (await predictions(model, inputs)).entries()) {
        const input = inputs[index] ?? { text: "" };
        output.line(line(prediction, input));
        if (args.json === true) results.push({ ...input, ...result(prediction) });
      }
    }
    output.result(results);
  },
});

function predictions(model: LoadedModel, inputs: readonly ModelInput[]): Promise<Prediction[]> {
  return model.run(inputs, { batchSize: CHUNK });
}

/** What a person sees of an input. */
function textOf(input: ModelInput): string {
  if ("ids" in input) return input.ids.join(" ");
  if ("words" in input) return input.words.join(" ");
  if ("text" in input) return input.text;
  return typeof input.image === "string" ? input.image : `${input.image.length} bytes`;
}

/** One line for a person. */
function line({ label, labels, words, embedding, scores }: Prediction, input: ModelInput): string {
  const text = textOf(input);
  if (words !== undefined) return words.map((word) => `${word.word}/${word.label === "" ? "?" : word.label}`).join(" ");
  if (embedding !== undefined) return `[${Array.from(embedding, (value) => value.toFixed(6)).join(", ")}]`;
  if (labels !== undefined)
    return `${labels.length === 0 ? "-" : labels.map((one) => `${one} ${(scores[one] ?? 0).toFixed(3)}`).join(", ")}  ${text}`;
  if (label !== undefined) return `${label}  ${(scores[label] ?? 0).toFixed(3)}  ${text}`;
  return `${Object.values(scores)
    .map((value) => value.toFixed(4))
    .join(", ")}  ${text}`;
}

/** What a program gets. */
function result({ label, labels, words, embedding, scores }: Prediction): Readonly<Record<string, unknown>> {
  if (words !== undefined) return { words };
  if (embedding !== undefined) return { embedding: [...embedding] };
  if (labels !== undefined) return { labels, scores };
  return label === undefined ? { scores } : { label, score: scores[label] ?? 0, scores };
}

/** The inputs in the order they come. */
async function batchesOf({ args }: Context<typeof ARGS>, task: TaskName): Promise<AsyncIterable<ModelInput[]> | Iterable<ModelInput[]>> {
  const inputOf = (text: string): ModelInput => (task === "image-classification" ? { image: text } : { text });
  if (args.input !== undefined) return [[inputOf(args.input)]];
  if (args.data === undefined) return standardInput(inputOf);
  return chunks(await collectRows(await readInputs({ task, data: args.data, ...columnOptions(args) })));
}

async function* standardInput(inputOf: (text: string) => ModelInput): AsyncGenerator<ModelInput[]> {
  if (process.stdin.isTTY === true)
    throw new GraftError("USAGE", "Cannot predict: there is no text", { hint: "Give a text, pass --data <file>, or pipe lines in" });
  let waiting: ModelInput[] = [];
  for await (const text of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (text.trim() === "") continue;
    waiting.push(inputOf(text));
    if (waiting.length < CHUNK) continue;
    yield waiting;
    waiting = [];
  }
  if (waiting.length > 0) yield waiting;
}

function* chunks(inputs: readonly ModelInput[]): Generator<ModelInput[]> {
  for (let at = 0; at < inputs.length; at += CHUNK) yield inputs.slice(at, at + CHUNK);
}
