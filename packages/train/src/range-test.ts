import { GraftError, isGraftError } from "@graft/error";
import type { TrainEvent } from "./events.ts";
import type { Hyperparameters, TrainOptions } from "./options.ts";

/** Learning rates from low to high, a step each. */
export interface RangeTestOptions {
  /** 1e-6 by default. */
  readonly from?: number;
  /** 1 by default. */
  readonly to?: number;
  /** 100 by default. */
  readonly steps?: number;
}

/** A step of the range test. */
export interface RangePoint {
  readonly learningRate: number;
  readonly loss: number;
  /** Moving average of the losses so far. */
  readonly smoothed: number;
}

/** What a range test found. */
export interface RangeTest {
  readonly points: readonly RangePoint[];
  /** Where the smoothed loss falls fastest; undefined where it does not fall. */
  readonly suggestion: number | undefined;
}

/** Share of a step in the moving average. */
const SHARE = 0.1;
/** The test ends where the smoothed loss is so many times its lowest. */
const LOST = 4;
/** Steps whose average says too little. */
const FIRST = 5;

/** How a range test starts the run that it looks at: `train` or `trainFromFiles` with its options, these on top of them. */
export type StartRun = (options: Hyperparameters & Pick<TrainOptions, "rateAt" | "samples">) => AsyncGenerator<TrainEvent, void, undefined>;

/**
 * The learning-rate range test (Smith 2017): the rate grows geometrically from step to step until the loss is lost. Nothing that it
 * learns is kept. Tells each point as it comes. USAGE, and the codes of `train`.
 */
export async function* rangeTest(start: StartRun, options: RangeTestOptions = {}): AsyncGenerator<RangePoint, RangeTest, undefined> {
  const { from = 1e-6, to = 1, steps = 100 } = options;
  if (!(from > 0 && to > from && Number.isSafeInteger(steps) && steps > 2 * FIRST))
    throw new GraftError("USAGE", `Cannot test learning rates from ${from} to ${to} in ${steps} steps`, {
      hint: `Take two rates above 0, the lower one first, and more than ${2 * FIRST} steps`,
    });
  const points: RangePoint[] = [];
  let [average, lowest] = [0, Number.POSITIVE_INFINITY];
  try {
    const rateAt = (step: number): number => from * (to / from) ** (step / (steps - 1));
    for await (const event of start({ steps, warmup: 0, keep: "last", bestBy: "loss", maxLossRatio: 0, samples: 0, rateAt })) {
      if (event.type !== "step") continue;
      average += SHARE * (event.loss - average);
      // The average begins at 0; divided by the share that has come in it is one of the losses alone, as Adam corrects its moments.
      const smoothed = average / (1 - (1 - SHARE) ** event.step);
      const point = { learningRate: event.learningRate, loss: event.loss, smoothed };
      points.push(point);
      yield point;
      lowest = Math.min(lowest, smoothed);
      if (event.step === steps || (event.step > FIRST && smoothed > LOST * lowest)) break;
    }
  } catch (error) {
    // A loss that is lost is what the test looks for.
    if (!isGraftError(error) || error.code !== "NOT_FINITE") throw error;
  }
  return { points, suggestion: steepest(points) };
}

/** The rate at which the smoothed loss falls fastest, before its lowest point. */
function steepest(points: readonly RangePoint[]): number | undefined {
  let [rate, slope]: [number | undefined, number] = [undefined, 0];
  const bottom = points.reduce((best, { smoothed }, index) => (smoothed < (points[best]?.smoothed ?? Infinity) ? index : best), 0);
  for (let index = FIRST; index < Math.min(bottom, points.length - 2); index++) {
    const [before, after] = [points[index - 2], points[index + 2]];
    const fall = (after?.smoothed ?? 0) - (before?.smoothed ?? 0);
    if (fall < slope) [rate, slope] = [points[index]?.learningRate, fall];
  }
  return rate;
}
