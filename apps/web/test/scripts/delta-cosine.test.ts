import { array, assert, constant, float, integer, pre, property, record } from "fast-check";
import { expect, test } from "vitest";
import { deltaCosine, type Factors } from "../../src/scripts/delta-cosine.ts";

const number = float({ min: -2, max: 2, noNaN: true });
const factors = integer({ min: 1, max: 3 }).chain((rank) =>
  record({
    a: array(number, { minLength: rank * 5, maxLength: rank * 5 }).map((values) => Float32Array.from(values)),
    b: array(number, { minLength: 4 * rank, maxLength: 4 * rank }).map((values) => Float32Array.from(values)),
    in: constant(5),
    out: constant(4),
    rank: constant(rank),
  }),
);

/** The whole matrix B·A, the slow way. */
function product({ a, b, in: columns, out, rank }: Factors): number[] {
  return Array.from({ length: out * columns }, (_, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += (b[row * rank + k] ?? 0) * (a[k * columns + column] ?? 0);
    return sum;
  });
}

const dot = (one: readonly number[], other: readonly number[]): number =>
  one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);

test("the cosine of two deltas is that of the matrices they stand for, also of unequal ranks", () => {
  assert(
    property(factors, factors, (one, other) => {
      const [left, right] = [product(one), product(other)];
      const norms = Math.sqrt(dot(left, left) * dot(right, right));
      pre(norms > 1e-3);
      expect(deltaCosine(one, other)).toBeCloseTo(dot(left, right) / norms, 6);
    }),
  );
});

test("a delta of zero has nothing in common with any", () => {
  const zero: Factors = { a: new Float32Array(5), b: new Float32Array(4), in: 5, out: 4, rank: 1 };
  expect(deltaCosine(zero, zero)).toBe(0);
});
