import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TrainFileOptions } from "@graft/train/node";
import { CONFIG, tinyRows, TOKENIZER_JSON } from "../tiny.ts";

/** Writes a tokenizer and rows into a folder and gives the options of a short run over them. */
export async function tinyFiles(folder: string, options: Partial<TrainFileOptions> = {}): Promise<TrainFileOptions> {
  const tokenizerFile = join(folder, "tokenizer.json");
  await writeFile(tokenizerFile, JSON.stringify(TOKENIZER_JSON));
  const lines = (from: number, to: number): string =>
    tinyRows(to)
      .slice(from)
      .map((row) => `${JSON.stringify(row)}\n`)
      .join("");
  await writeFile(join(folder, "rows.jsonl"), lines(0, 60));
  await writeFile(join(folder, "held.jsonl"), lines(60, 90));
  return {
    base: { config: CONFIG, tokenizerFile },
    task: "text-classification",
    method: { name: "lora", rank: 2 },
    data: join(folder, "rows.jsonl"),
    evaluation: join(folder, "held.jsonl"),
    batchSize: 8,
    epochs: 3,
    learningRate: 5e-3,
    keep: "best",
    threads: 2,
    ...options,
  };
}
