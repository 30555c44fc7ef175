import { batchesByLength } from "@graft/runtime";
import { randomStream } from "./random.ts";

/** Rows of one step. */
export interface EpochBatch {
  /** Counts from 1. */
  readonly epoch: number;
  readonly rows: readonly number[];
  /** True for the last batch of an epoch, and for the last of all. */
  readonly last: boolean;
}

/** Steps of a run: `steps` where given, else whole epochs. */
export function plannedSteps(rows: number, options: { batchSize: number; epochs: number; steps?: number | undefined }): number {
  return options.steps ?? Math.max(1, Math.round(options.epochs * Math.ceil(rows / options.batchSize)));
}

/** Batches of rows of about one length, in another order each epoch, for so many steps. */
export function* epochBatches(
  lengths: readonly number[],
  options: { batchSize: number; steps: number; seed: number },
): Generator<EpochBatch> {
  const { batchSize, steps, seed } = options;
  for (let epoch = 1, step = 0; step < steps; epoch++) {
    const batches = batchesByLength(lengths, { batchSize, random: randomStream(seed, `order ${epoch}`) });
    for (const [index, rows] of batches.entries()) {
      step++;
      yield { epoch, rows, last: index === batches.length - 1 || step === steps };
      if (step === steps) return;
    }
  }
}
