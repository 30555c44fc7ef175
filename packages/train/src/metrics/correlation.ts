import { type Metric, mean, type OutcomeOf } from "./metric.ts";

/** Pearson's correlation; of several numbers a row, the mean over them. 0 where a side is constant. */
export const pearson: Metric = {
  description: "Pearson's correlation",
  better: "more",
  numbers: (outcome) => byColumn(outcome, correlation),
};

/** Spearman's correlation: Pearson's over the ranks, equal numbers sharing the mean of theirs. */
export const spearman: Metric = {
  description: "Spearman's rank correlation",
  better: "more",
  numbers: (outcome) => byColumn(outcome, (predicted, actual) => correlation(ranks(predicted), ranks(actual))),
};

/** Mean of (predicted − actual)². */
export const meanSquaredError: Metric = {
  description: "Mean squared error",
  better: "less",
  numbers: (outcome) =>
    byColumn(outcome, (predicted, actual) => mean(predicted.map((value, index) => (value - (actual[index] ?? 0)) ** 2))),
};

function byColumn(
  { predicted, actual }: OutcomeOf<"numbers">,
  measure: (predicted: readonly number[], actual: readonly number[]) => number,
): number {
  const column = (rows: readonly (readonly number[])[], index: number): number[] => rows.map((row) => row[index] ?? 0);
  return mean(Array.from({ length: actual[0]?.length ?? 0 }, (_, index) => measure(column(predicted, index), column(actual, index))));
}

function correlation(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [mean(one), mean(other)];
  let [product, squareA, squareB] = [0, 0, 0];
  for (const [index, value] of one.entries()) {
    const [x, y] = [value - a, (other[index] ?? 0) - b];
    product += x * y;
    squareA += x * x;
    squareB += y * y;
  }
  return squareA === 0 || squareB === 0 ? 0 : product / Math.sqrt(squareA * squareB);
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((one, other) => (values[one] ?? 0) - (values[other] ?? 0));
  const result = Array.from(values, () => 0);
  for (let begin = 0; begin < order.length;) {
    let end = begin + 1;
    while (end < order.length && values[order[end] as number] === values[order[begin] as number]) end++;
    for (let at = begin; at < end; at++) result[order[at] as number] = (begin + end + 1) / 2;
    begin = end;
  }
  return result;
}
