import { type Contender, runContender } from "./contender.ts";
import type { Peer } from "./peer.ts";

/** Which step, and how often. */
export interface StepOptions {
  readonly kind: "lora" | "full" | "forward";
  readonly rows: number;
  readonly length: number;
  readonly rank: number;
  /** Passes over the graph that Graft leaves out. */
  readonly without?: readonly string[];
  /** Rows that Graft runs at once; what it chooses without. */
  readonly microBatch?: number;
  /** Of the peer's hidden states and attention weights. */
  readonly dropout: number;
  readonly steps: number;
  readonly warmup: number;
}

/** What a process measured. */
export interface StepFigures {
  readonly milliseconds: readonly number[];
  /** Highest resident memory of the process, in bytes. */
  readonly peak: number;
}

/** A dense batch of 16 × 128 with LoRA r 8. */
export const DENSE: StepOptions = { kind: "lora", rows: 16, length: 128, rank: 8, dropout: 0, steps: 8, warmup: 3 };

/** Runs one process of one contender. */
export async function measureStep(contender: Contender, { peer, ...given }: StepOptions & { peer: Peer }): Promise<StepFigures> {
  const answers = await runContender(contender, { peer, part: "step", given });
  const figures = answers.at(-1) as StepFigures | undefined;
  return figures ?? { milliseconds: [], peak: Number.NaN };
}
