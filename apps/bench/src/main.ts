import { parseArgs } from "node:util";
import { compareJob } from "./beside-peft/job.ts";
import { measureGrowth } from "./beside-peft/growth.ts";
import { comparePasses } from "./beside-peft/passes.ts";
import { compareStep } from "./beside-peft/step.ts";
import { fuzz } from "./fuzz/fuzz.ts";
import { compareFingerprint } from "./compare-fingerprint.ts";
import { compareLoader } from "./loader/compare-loader.ts";
import type { Measurement } from "./measurement.ts";
import { measureScale } from "./registry-scale/measure-scale.ts";
import { compareMethods } from "./topics/compare-methods.ts";
import { compareTopics } from "./topics/compare-topics.ts";

/** Every measurement by name. */
const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  topics: { about: "gloss topics: naive Bayes, head only, LoRA, LoRA on random weights, full fine-tuning", run: compareTopics },
  methods: { about: "gloss topics by every method: trained numbers, accuracy, time", run: compareMethods },
  fingerprint: { about: "the fingerprint of a base beside two sha256 passes over its files", run: compareFingerprint },
  loader: { about: "opening, merged, attached, switched, mixed and many adapters on one base: time and memory", run: compareLoader },
  step: { about: "time and memory of a step beside PEFT on PyTorch: LoRA, full, forward alone", run: compareStep },
  passes: { about: "time and memory of a step with each pass over its graph left out in turn", run: comparePasses },
  growth: { about: "how a step grows with rows, length, rank and layers: table and plot", run: measureGrowth },
  "registry-scale": { about: "resolve, find and search in registries of growing size: table and plot", run: measureScale },
  fuzz: { about: "a million mutants of an adapter against the validator: --count, --seed", run: fuzz },
  job: { about: "a whole run of fine-tuning beside PEFT on PyTorch: time, memory, accuracy", run: compareJob },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "3" },
    rounds: { type: "string", default: "3" },
    count: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    base: { type: "string" },
    through: { type: "string" },
    output: { type: "string" },
    sizes: { type: "string" },
    database: { type: "string" },
    keep: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});
const measurement = MEASUREMENTS[positionals[0] ?? ""];
if (measurement === undefined || values.help === true) {
  const list = Object.entries(MEASUREMENTS)
    .map(([name, { about }]) => `  ${name.padEnd(14)} ${about}\n`)
    .join("");
  process.stdout.write(
    `npm run bench -- <measurement> [--seeds 3] [--rounds 3] [--base <checkpoint or ONNX file>] [--through <command>] [--output <folder>]\n  [--sizes 10000,100000] [--database postgres://…] [--keep <folder>]\n\n${list}`,
  );
  process.exitCode = values.help === true ? 0 : 2;
} else {
  const sizes = values.sizes?.split(",").map(Number);
  await measurement.run({
    ...values,
    seeds: Number(values.seeds),
    rounds: Number(values.rounds),
    count: Number(values.count),
    seed: Number(values.seed),
    sizes,
  });
}
