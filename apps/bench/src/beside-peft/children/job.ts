import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { load } from "@graft/loader/node";
import { trainFromFiles } from "@graft/train/node";
import type { JobOptions } from "../job.ts";
import { age, peakMemory } from "./this-process.ts";

const given = JSON.parse(process.argv[2] ?? "{}") as JobOptions & { checkpoint: string; threads: number };
const output = join(given.output, "adapter.safetensors");
const { rank, epochs, seed, threads } = given;

for await (const event of trainFromFiles({
  base: given.checkpoint,
  task: "text-classification",
  method: given.method === "head" ? { name: "head" } : { name: "lora", rank, alpha: 2 * rank, targets: ["query", "value"] },
  data: given.train,
  output,
  epochs,
  seed,
  threads,
  batchSize: given.batch,
  learningRate: given.rate,
}))
  if (event.type === "end") process.stdout.write(`${JSON.stringify({ seconds: age() })}\n`);
const peak = peakMemory();

const rows = (await readFile(given.test, "utf8"))
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as { text: string; label: string });
await using model = await load(given.checkpoint, { adapters: [output], threads });
const predictions = await model.run(rows.map(({ text }) => text));
const right = predictions.filter(({ label }, index) => label === rows[index]?.label).length;
process.stdout.write(`${JSON.stringify({ accuracy: right / rows.length, peak })}\n`);
