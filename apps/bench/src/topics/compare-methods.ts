import { type MethodOptions, METHODS } from "@graft/methods";
import { TINY_ENGLISH_FOLDER, TOPICS_HEAD, TOPICS_LORA } from "@graft/tiny-english";
import { formatTable } from "@graft/terminal";
import type { MeasurementOptions } from "../measurement.ts";
import { meanAndDeviation } from "../statistics.ts";
import { type Learnt, learnTopics } from "./learn-topics.ts";

/** Each method as it is measured; where no learning rate stands, the method's own. */
const RUNS: readonly { readonly method: MethodOptions; readonly learningRate?: number }[] = [
  TOPICS_HEAD,
  TOPICS_LORA,
  { method: { name: "dora", rank: 8, alpha: 8, targets: "all-linear" }, learningRate: 1e-3 },
  { method: { name: "ia3" }, learningRate: 5e-3 },
  { method: { name: "bitfit" }, learningRate: 3e-3 },
  { method: { name: "last-layers" }, learningRate: 3e-4 },
  { method: { name: "full" }, learningRate: 3e-4 },
  { method: { name: "bottleneck", variant: "H" }, learningRate: 2e-3 },
  { method: { name: "bottleneck", variant: "L" }, learningRate: 2e-3 },
  { method: { name: "prefix-embedding", prefix: 16 } },
  { method: { name: "prefix-layer", prefix: 16 } },
];

/** Prints what every method reaches on the gloss topics, with how many trained numbers, in what time: mean and deviation over seeds. */
export async function compareMethods({ seeds }: MeasurementOptions): Promise<void> {
  const rows: (string | number)[][] = [["method", "trained", "accuracy", "loss", "seconds"]];
  for (const { method, learningRate = METHODS[method.name].learningRate } of RUNS) {
    const runs: Learnt[] = [];
    for (let seed = 1; seed <= seeds; seed++) runs.push(await learnTopics({ base: TINY_ENGLISH_FOLDER, method, learningRate, seed }));
    const figure = (of: (run: Learnt) => number, digits: number): string => {
      const { mean, deviation } = meanAndDeviation(runs.map(of));
      return seeds < 2 ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
    };
    const name = "variant" in method ? `${method.name} ${method.variant}` : method.name;
    rows.push([
      name,
      runs[0]?.parameters ?? 0,
      figure(({ accuracy }) => accuracy, 3),
      figure(({ loss }) => loss, 3),
      figure(({ seconds }) => seconds, 0),
    ]);
    process.stderr.write(`${name}: ${String(rows.at(-1)?.[2])}\n`);
  }
  process.stdout.write(`${formatTable(rows).join("\n")}\n`);
}
