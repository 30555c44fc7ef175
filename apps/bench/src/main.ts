import { parseArgs } from "node:util";
import { compareFingerprint } from "./compare-fingerprint.ts";
import type { Measurement } from "./measurement.ts";
import { compareTopics } from "./topics/compare-topics.ts";

/** Every measurement by name. */
const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  topics: { about: "gloss topics: naive Bayes, head only, LoRA, LoRA on random weights, full fine-tuning", run: compareTopics },
  fingerprint: { about: "the fingerprint of a base beside two sha256 passes over its files", run: compareFingerprint },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: "string", default: "3" }, base: { type: "string" }, help: { type: "boolean", short: "h" } },
});
const measurement = MEASUREMENTS[positionals[0] ?? ""];
if (measurement === undefined || values.help === true) {
  const list = Object.entries(MEASUREMENTS)
    .map(([name, { about }]) => `  ${name.padEnd(12)} ${about}\n`)
    .join("");
  process.stdout.write(`npm run bench -- <measurement> [--seeds 3] [--base <checkpoint or ONNX file>]\n\n${list}`);
  process.exitCode = values.help === true ? 0 : 2;
} else {
  await measurement.run({ seeds: Number(values.seeds), base: values.base });
}
