import { createInterface } from "node:readline";
import { GraftError } from "@graft/error";
import type { LoadedModel, Prediction, Row } from "@graft/sdk";
import { collectRows } from "@graft/train";
import { readRows } from "@graft/train/node";
import { command, type Context } from "../command.ts";
import { loadModel, MODEL_ARGS } from "../model-options.ts";
import { labelsOf } from "./eval.ts";

/** Rows of one answer: those of standard input come out in step with what comes in. */
const CHUNK = 32;

const ARGS = {
  ...MODEL_ARGS,
  input: { type: "positional", description: "The text; lines of standard input when left out", required: false, valueHint: "text" },
  data: { type: "string", description: "Rows to classify: JSONL, CSV or TSV", valueHint: "file" },
  text: { type: "string", description: "Name of the text column", default: "text", valueHint: "column" },
} as const;

/** `graft predict`: the label of texts, with scores. */
export const predict = command({
  name: "predict",
  description: "Classify texts: an argument, lines of standard input, or the rows of a file",
  examples: [
    'graft predict --base ./minilm --adapter adapter.safetensors "a small bird that sings"',
    "graft predict --base ./minilm --adapter @quickstart/gloss-topics@^1 --data rows.jsonl --json",
    "cat lines.txt | graft predict --base ./minilm --adapter adapter.safetensors",
  ],
  args: ARGS,
  run: async (context) => {
    const { args, output, signal } = context;
    const batches = await inputs(context);
    await using model = await loadModel(args, { mode: "attach", signal });
    labelsOf(model);
    const results: unknown[] = [];
    for await (const texts of batches) {
      signal.throwIfAborted();
      if (output.closed) return;
      for (const [index, prediction] of (await predictions(model, texts)).entries()) {
        const text = texts[index] ?? "";
        const { label = "", scores } = prediction;
        output.line(`${label}  ${(scores[label] ?? 0).toFixed(3)}  ${text}`);
        if (args.json === true) results.push({ text, label, score: scores[label] ?? 0, scores });
      }
    }
    output.result(results);
  },
});

function predictions(model: LoadedModel, texts: readonly Row[]): Promise<Prediction[]> {
  return model.run(texts, { batchSize: CHUNK });
}

/** The texts in the order they come. Those of a file are checked before anything is loaded. */
async function inputs({ args }: Context<typeof ARGS>): Promise<AsyncIterable<string[]> | Iterable<string[]>> {
  if (args.input !== undefined && args.data !== undefined)
    throw new GraftError("USAGE", "Cannot classify both a text and a file", { hint: "Give one of them" });
  if (args.input !== undefined) return [[args.input]];
  if (args.data === undefined) return standardInput();
  // Rows without a label are what is classified: the text stands in for it.
  const { task } = await readRows({ task: "text-classification", data: args.data, columns: { text: args.text, label: args.text } });
  return chunks(task.type === "text-classification" ? (await collectRows(task.rows)).map(({ text }) => text) : []);
}

async function* standardInput(): AsyncGenerator<string[]> {
  if (process.stdin.isTTY === true)
    throw new GraftError("USAGE", "Cannot classify: there is no text", { hint: "Give a text, pass --data <file>, or pipe lines in" });
  let waiting: string[] = [];
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === "") continue;
    waiting.push(line);
    if (waiting.length < CHUNK) continue;
    yield waiting;
    waiting = [];
  }
  if (waiting.length > 0) yield waiting;
}

function* chunks(texts: readonly string[]): Generator<string[]> {
  for (let at = 0; at < texts.length; at += CHUNK) yield texts.slice(at, at + CHUNK);
}
