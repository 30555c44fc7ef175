import { formatTable } from "@graft/terminal";
import { PASSES } from "@graft/train";
import type { MeasurementOptions } from "../measurement.ts";
import { median } from "../statistics.ts";
import { THREADS } from "./contender.ts";
import { DENSE, measureStep, type StepFigures, type StepOptions } from "./measure-step.ts";
import { findPeer } from "./peer.ts";

/** One line of the table: a step with one thing left out. */
interface Variant {
  readonly name: string;
  readonly about: string;
  readonly change: Partial<StepOptions>;
}

const VARIANTS: readonly Variant[] = [
  { name: "as it is", about: "", change: {} },
  ...Object.entries(PASSES).map(([name, { about }]): Variant => ({ name: `without ${name}`, about, change: { without: [name] } })),
  { name: "without any pass", about: "", change: { without: Object.keys(PASSES) } },
  { name: "without parts", about: "a batch in parts of 512 tokens", change: { microBatch: DENSE.rows } },
];

/** Prints time and peak memory of a dense step with each pass left out in turn: processes in turn, the fastest quarter's bound and the median. */
export async function comparePasses(options: MeasurementOptions): Promise<void> {
  const peer = findPeer(options);
  const runs = new Map<Variant, StepFigures[]>(VARIANTS.map((variant) => [variant, []]));
  for (let round = 0; round < options.rounds; round++)
    for (const [variant, figures] of runs) figures.push(await measureStep("Graft", { ...DENSE, ...variant.change, peer }));
  const lines = [...runs].map(([{ name, about }, figures]) => {
    const times = figures.flatMap(({ milliseconds }) => milliseconds);
    return [
      name,
      median(times).toFixed(0),
      Math.min(...times).toFixed(0),
      (median(figures.map(({ peak }) => peak)) / 1e6).toFixed(0),
      about,
    ];
  });
  process.stdout.write(
    `${peer.checkpoint}, LoRA r ${DENSE.rank}, ${DENSE.rows} × ${DENSE.length} tokens, ${THREADS} threads, ${options.rounds} rounds in turn\n`,
  );
  process.stdout.write(`${formatTable([["", "ms", "fastest", "peak MB", "what the pass does"], ...lines]).join("\n")}\n`);
}
