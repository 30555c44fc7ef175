/** What is shown of the values of a tensor. */
export interface Statistics {
  readonly count: number;
  readonly least: number;
  readonly most: number;
  readonly mean: number;
  /** Root of the sum of squares. */
  readonly norm: number;
  readonly zeros: number;
  /** Counts of values in equal steps from `least` to `most`. */
  readonly histogram: readonly number[];
}

const BINS = 40;

/** Statistics of a tensor, in one pass and one for the histogram. */
export function statistics(values: Float32Array): Statistics {
  let [least, most, sum, squares, zeros] = [Infinity, -Infinity, 0, 0, 0];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
    sum += value;
    squares += value * value;
    if (value === 0) zeros++;
  }
  const histogram = Array.from({ length: BINS }, () => 0);
  const step = (most - least) / BINS || 1;
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.floor((value - least) / step));
    histogram[bin] = (histogram[bin] ?? 0) + 1;
  }
  return { count: values.length, least, most, mean: sum / values.length, norm: Math.sqrt(squares), zeros, histogram };
}
