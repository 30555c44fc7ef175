import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { load, type LoadedModel } from "@graft/loader/node";
import { formatBytes, formatTable } from "@graft/terminal";
import { GLOSS_TOPICS, TINY_ENGLISH_FOLDER } from "@graft/tiny-english";
import type { TinyEnglish } from "./open-tiny-english.ts";
import type { Run } from "./quickstart.ts";
import { line } from "./say.ts";
import type { Trained } from "./train-adapters.ts";

/** The three sentences of the README. */
const SENTENCES = ["a small yellow bird that sings", "a city on the coast of Portugal", "someone who repairs shoes"];

interface Row {
  readonly text: string;
  readonly label: string;
}

interface Evaluated {
  readonly accuracy: number;
  readonly millisecondsPerRow: number;
  readonly logits: readonly Float32Array[];
}

/** Evaluates the head alone, the adapter attached and merged, on rows none of them has seen, and prints one table. */
export async function evaluateModels(
  { folder, signal }: Run,
  { tiny, trained, pulled }: { tiny: TinyEnglish; trained: { lora: Trained; head: Trained }; pulled: { path: string; size: number } },
): Promise<void> {
  const rows = (await readFile(GLOSS_TOPICS.test, "utf8"))
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text) as Row);
  await using head = await load(TINY_ENGLISH_FOLDER, { adapters: [trained.head.path] });
  await using attached = await load(TINY_ENGLISH_FOLDER, { adapters: [pulled.path] });
  await using merged = await load(TINY_ENGLISH_FOLDER, { adapters: [pulled.path], mode: "merge" });
  const results: Evaluated[] = [];
  for (const model of [head, attached, merged]) {
    signal.throwIfAborted();
    results.push(await evaluate(model, rows));
  }
  const [ofHead, ofAttached, ofMerged] = results as [Evaluated, Evaluated, Evaluated];
  const written = await merged.write(join(folder, "merged"));
  const headBytes = (await stat(trained.head.path)).size;
  const table = (name: string, result: Evaluated, facts: { parameters: number; bytes: number }): string[] => [
    name,
    result.accuracy.toFixed(3),
    facts.parameters.toLocaleString("en"),
    formatBytes(facts.bytes),
    `${((100 * facts.bytes) / tiny.bytes).toFixed(1)} %`,
    result.millisecondsPerRow.toFixed(2),
  ];
  const lora = { parameters: trained.lora.parameters, bytes: pulled.size };
  const lines = formatTable([
    ["", "accuracy", "trained", "on disk", "of a full copy", "ms/row"],
    table("head on the frozen base", ofHead, { parameters: trained.head.parameters, bytes: headBytes }),
    table("adapter attached", ofAttached, lora),
    table("adapter merged", ofMerged, lora),
  ]);
  for (const text of lines) line(text);
  line(
    `${rows.length} held-out rows; largest difference between attached and merged logits: ${largestDifference(ofAttached, ofMerged).toExponential(1)}`,
  );
  line(`Merged model: ${written.path} (${written.files.map((file) => `${file.name} ${formatBytes(file.bytes)} ${file.how}`).join(", ")})`);
  for (const [index, prediction] of (await merged.run(SENTENCES)).entries()) {
    const label = prediction.label ?? "";
    line(`"${SENTENCES[index]}" → ${label} (${Math.round(100 * (prediction.scores[label] ?? 0))} %)`);
  }
}

async function evaluate(model: LoadedModel, rows: readonly Row[]): Promise<Evaluated> {
  const texts = rows.map((row) => row.text);
  // The first run of a session pays for its memory.
  await model.run(texts.slice(0, 32));
  const begin = performance.now();
  const predictions = await model.run(texts);
  const millisecondsPerRow = (performance.now() - begin) / rows.length;
  const right = predictions.filter((prediction, index) => prediction.label === rows[index]?.label).length;
  return { accuracy: right / rows.length, millisecondsPerRow, logits: predictions.map((prediction) => prediction.logits) };
}

function largestDifference(left: Evaluated, right: Evaluated): number {
  const differences = left.logits.map((row, index) =>
    Math.max(...row.map((value, position) => Math.abs(value - (right.logits[index]?.[position] ?? Number.NaN)))),
  );
  return Math.max(...differences);
}
