import { numbers, type Value } from "../execute.ts";

const size = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

let seed = 1;

/** Numbers between −1 and 1, or within other bounds. */
export function normal(dims: readonly number[], { low = -1, high = 1 }: { low?: number; high?: number } = {}): Value {
  return { dims, values: numbers(size(dims), { seed: seed++, low, high }) };
}

/** Numbers far enough from zero for logarithms, roots and quotients. */
export function positive(dims: readonly number[]): Value {
  return normal(dims, { low: 0.5, high: 2 });
}

/** Numbers in steps of 0.2 that no finite difference moves past each other, nor past 0: for kinks and choices. */
export function spread(dims: readonly number[]): Value {
  const count = size(dims);
  const order = numbers(count, { seed: seed++ })
    .map((key, index) => ({ key, index }))
    .sort((a, b) => a.key - b.key);
  const values = Array.from({ length: count }, () => 0);
  for (const [rank, { index }] of order.entries()) values[index] = 0.1 + 0.2 * (rank - Math.floor(count / 2));
  return { dims, values };
}

/** Whole numbers (int64). */
export function ints(values: readonly number[], dims: readonly number[] = [values.length]): Value {
  return { dims, values, type: "int64" };
}

/** True and false. */
export function bools(values: readonly number[], dims: readonly number[] = [values.length]): Value {
  return { dims, values, type: "bool" };
}
