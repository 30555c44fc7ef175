import { batchesByLength } from "@graft/runtime";
import { randomStream } from "./random.ts";

/** Rows of one step. */
export interface EpochBatch {
  /** Counts from 1. */
  readonly epoch: number;
  readonly rows: readonly number[];
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

/** Batches of rows of about one length, in another order each epoch, for so many steps; the first `begun` steps are passed over. */
export function* epochBatches(
  lengths: readonly number[],
  options: BatchSizes & { steps: number; seed: number; begun?: number },
): Generator<EpochBatch> {
  const { steps, seed, begun = 0 } = options;
  const stepsPerEpoch = Math.ceil(lengths.length / rowsOfStep(options));
  for (let epoch = Math.floor(begun / stepsPerEpoch) + 1, step = begun; step < steps; epoch++) {
    const batches = batchesByLength(lengths, { batchSize: rowsOfStep(options), random: randomStream(seed, `order ${epoch}`) });
    for (const rows of batches.slice(step - (epoch - 1) * stepsPerEpoch)) {
      if (step === steps) return;
      step++;
      yield { epoch, rows };
    }
  }
}

/** A batch in parts that are run at once. Its rows are sorted by length, so each part is about as wide as its rows are long. */
export function microBatches(rows: readonly number[], sizes: BatchSizes): readonly (readonly number[])[] {
  const size = microBatchOf(sizes);
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, index) => rows.slice(index * size, (index + 1) * size));
}
