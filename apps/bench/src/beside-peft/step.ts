import { formatTable } from "@graft/terminal";
import type { MeasurementOptions } from "../measurement.ts";
import { median, quantile } from "../statistics.ts";
import { type Contender, CONTENDERS, THREADS } from "./contender.ts";
import { DENSE, measureStep, type StepFigures, type StepOptions } from "./measure-step.ts";
import { findPeer } from "./peer.ts";

/** One line of the table: the same work on both sides. */
interface Case extends Partial<StepOptions> {
  readonly name: string;
}

const CASES: readonly Case[] = [
  { name: "LoRA, 16 × 128" },
  { name: "LoRA, 16 × 128, the peer with its dropout of 0.1", dropout: 0.1 },
  { name: "forward alone, 16 × 128", kind: "forward" },
  { name: "full, 16 × 128", kind: "full" },
  { name: "LoRA, 1 × 32", rows: 1, length: 32, steps: 40, warmup: 5 },
  { name: "full, 1 × 32", kind: "full", rows: 1, length: 32, steps: 40, warmup: 5 },
];

/** Prints time and peak memory of single steps beside PEFT's: processes in turn, medians over all their steps, quartiles as the spread. */
export async function compareStep(options: MeasurementOptions): Promise<void> {
  const { rounds } = options;
  const peer = findPeer(options);
  process.stdout.write(`${peer.checkpoint}, LoRA r ${DENSE.rank} on query and value, ${THREADS} threads each, ${rounds} rounds in turn\n`);
  const graft = new Map<string, { time: number; peak: number }>();
  const lines = [["", "PEFT ms", "Graft ms", "PEFT/Graft", "tokens/s", "PEFT MB", "Graft MB", "Graft/PEFT"]];
  for (const { name, ...changed } of CASES) {
    const step = { ...DENSE, ...changed };
    const runs: Record<Contender, StepFigures[]> = { PEFT: [], Graft: [] };
    for (let round = 0; round < rounds; round++)
      for (const contender of CONTENDERS) runs[contender].push(await measureStep(contender, { ...step, peer }));
    const [theirs, ours] = [summary(runs.PEFT), summary(runs.Graft)];
    graft.set(name, ours);
    lines.push([
      name,
      theirs.text,
      ours.text,
      (theirs.time / ours.time).toFixed(2),
      Math.round((1000 * step.rows * step.length) / ours.time).toLocaleString("en"),
      megabytes(theirs.peak),
      megabytes(ours.peak),
      (ours.peak / theirs.peak).toFixed(2),
    ]);
    process.stderr.write(`${name}: ${theirs.text} ms and ${ours.text} ms\n`);
  }
  process.stdout.write(`${formatTable(lines).join("\n")}\n`);
  for (const size of ["16 × 128", "1 × 32"]) {
    const [lora, full] = [graft.get(`LoRA, ${size}`), graft.get(`full, ${size}`)];
    if (lora === undefined || full === undefined) continue;
    process.stdout.write(
      `Graft's LoRA against its full fine-tuning, ${size}: time ${(lora.time / full.time).toFixed(2)}, memory ${(lora.peak / full.peak).toFixed(2)}\n`,
    );
  }
}

function summary(runs: readonly StepFigures[]): { time: number; peak: number; text: string } {
  const times = runs.flatMap(({ milliseconds }) => milliseconds);
  const [low, time, high] = [quantile(times, 0.25), median(times), quantile(times, 0.75)];
  const digits = time < 20 ? 1 : 0;
  return {
    time,
    peak: median(runs.map(({ peak }) => peak)),
    text: `${time.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`,
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
