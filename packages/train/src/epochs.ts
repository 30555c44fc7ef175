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

/** How rows are gathered: a step is over `batchSize` × `accumulation` rows, of which `microBatchSize` are run at once. */
export interface BatchSizes {
  readonly batchSize: number;
  readonly accumulation: number;
  readonly microBatchSize?: number | undefined;
}

/** Rows of one step. */
export function rowsOfStep({ batchSize, accumulation }: BatchSizes): number {
  return batchSize * accumulation;
}

/** Rows that are run at once. */
export function microBatchOf({ batchSize, microBatchSize = batchSize }: BatchSizes): number {
  return microBatchSize;
}

/** Steps of a run: `steps` where given, else whole epochs. */
export function plannedSteps(rows: number, options: BatchSizes & { epochs: number; steps?: number | undefined }): number {
  return options.steps ?? Math.max(1, Math.round(options.epochs * Math.ceil(rows / rowsOfStep(options))));
}

/** Batches of rows of about one length, in another order each epoch, for so many steps. */
export function* epochBatches(lengths: readonly number[], options: BatchSizes & { steps: number; seed: number }): Generator<EpochBatch> {
  const { steps, seed } = options;
  for (let epoch = 1, step = 0; step < steps; epoch++) {
    const batches = batchesByLength(lengths, { batchSize: rowsOfStep(options), random: randomStream(seed, `order ${epoch}`) });
    for (const [index, rows] of batches.entries()) {
      step++;
      yield { epoch, rows, last: index === batches.length - 1 || step === steps };
      if (step === steps) return;
    }
  }
}

/** A batch in parts that are run at once. Its rows are sorted by length, so each part is about as wide as its rows are long. */
export function microBatches(rows: readonly number[], sizes: BatchSizes): readonly (readonly number[])[] {
  const size = microBatchOf(sizes);
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, index) => rows.slice(index * size, (index + 1) * size));
}
