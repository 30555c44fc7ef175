import { parseArgs } from "node:util";
import { compareTopics } from "./topics/compare-topics.ts";

/** Measurements by name; each prints a table and says what it measured on. */
const MEASUREMENTS: Readonly<Record<string, { about: string; run: (options: { seeds: number }) => Promise<void> }>> = {
  topics: { about: "gloss topics: naive Bayes, head only, LoRA, LoRA on random weights, full fine-tuning", run: compareTopics },
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { seeds: { type: "string", default: "3" }, help: { type: "boolean", short: "h" } } });
const measurement = MEASUREMENTS[positionals[0] ?? ""];
if (measurement === undefined || values.help === true) {
  const list = Object.entries(MEASUREMENTS).map(([name, { about }]) => `  ${name.padEnd(12)} ${about}\n`).join("");
  process.stdout.write(`npm run bench -- <measurement> [--seeds 3]\n\n${list}`);
  process.exitCode = values.help === true ? 0 : 2;
} else {
  await measurement.run({ seeds: Number(values.seeds) });
}
