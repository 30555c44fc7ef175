import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatTable } from "@graft/terminal";
import { GLOSS_TOPICS } from "@graft/tiny-english";
import type { MeasurementOptions } from "../measurement.ts";
import { meanAndDeviation, median } from "../statistics.ts";
import { type Contender, CONTENDERS, runContender, THREADS } from "./contender.ts";
import { findPeer, type Peer } from "./peer.ts";

/** A whole run of fine-tuning: what both children are told. */
export interface JobOptions {
  readonly train: string;
  readonly test: string;
  /** Folder that the adapter goes into. */
  readonly output: string;
  readonly method: "lora" | "head";
  readonly rank: number;
  /** Of the peer's hidden states and attention weights. */
  readonly dropout: number;
  readonly epochs: number;
  readonly batch: number;
  readonly rate: number;
  readonly seed: number;
}

/** What one run came to. */
interface JobFigures {
  /** From the start of the process to the saved adapter. */
  readonly seconds: number;
  readonly peak: number;
  readonly accuracy: number;
}

const JOB = { ...GLOSS_TOPICS, method: "lora", rank: 8, dropout: 0, epochs: 3, batch: 16, rate: 2e-3 } as const;

/** Prints time, memory and accuracy of a whole run beside PEFT's, over seeds, in turn; with several seeds the head alone for comparison. */
export async function compareJob(options: MeasurementOptions): Promise<void> {
  const { seeds } = options;
  const peer = findPeer(options);
  process.stdout.write(
    `${peer.checkpoint}, 3,600 rows, ${JOB.epochs} epochs, batch ${JOB.batch}, ${THREADS} threads each, ${seeds} seeds in turn, from process start to saved adapter\n`,
  );
  const lora: Record<Contender, JobFigures[]> = { PEFT: [], Graft: [] };
  const head: Record<Contender, JobFigures[]> = { PEFT: [], Graft: [] };
  for (let seed = 1; seed <= seeds; seed++) {
    for (const contender of CONTENDERS) {
      const figures = await runJob(contender, { peer, seed });
      lora[contender].push(figures);
      process.stderr.write(
        `${contender}, seed ${seed}: ${figures.seconds.toFixed(1)} s, ${(figures.peak / 1e6).toFixed(0)} MB, ${figures.accuracy.toFixed(3)}\n`,
      );
    }
  }
  // One seed alone is a look at time and memory.
  if (seeds > 1) for (const contender of CONTENDERS) head[contender].push(await runJob(contender, { peer, seed: 1, method: "head" }));
  const line = (contender: Contender): string[] => {
    const times = lora[contender].map(({ seconds }) => seconds);
    const { mean, deviation } = meanAndDeviation(lora[contender].map(({ accuracy }) => accuracy));
    return [
      contender,
      `${median(times).toFixed(1)} (${Math.min(...times).toFixed(1)}–${Math.max(...times).toFixed(1)})`,
      (median(lora[contender].map(({ peak }) => peak)) / 1e6).toFixed(0),
      `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`,
      head[contender][0]?.accuracy.toFixed(3) ?? "",
    ];
  };
  process.stdout.write(
    `${formatTable([["", "seconds", "peak MB", "held-out accuracy", "head alone"], ...CONTENDERS.map(line)]).join("\n")}\n`,
  );
  const ratio = (of: (figures: JobFigures) => number): number => median(lora.PEFT.map(of)) / median(lora.Graft.map(of));
  process.stdout.write(
    `${ratio(({ seconds }) => seconds).toFixed(2)} × faster, ${(1 / ratio(({ peak }) => peak)).toFixed(2)} × the memory\n`,
  );
}

async function runJob(contender: Contender, { peer, ...options }: { peer: Peer; seed: number; method?: "head" }): Promise<JobFigures> {
  const output = await mkdtemp(join(tmpdir(), "graft-bench-"));
  try {
    const answers = await runContender(contender, { peer, part: "job", given: { ...JOB, ...options, output } });
    const figures = Object.assign({}, ...answers) as Partial<JobFigures>;
    return { seconds: figures.seconds ?? Number.NaN, peak: figures.peak ?? Number.NaN, accuracy: figures.accuracy ?? Number.NaN };
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}
