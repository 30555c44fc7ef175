import { expect, test } from "vitest";
import { productNorm } from "../../src/validate/product-norm.ts";

/** Numbers without a pattern, the same every time. */
function noise(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x3fffffff - 1;
  });
}

/** In pieces whose length fits no row. */
async function* pieces(values: Float32Array, length = 7): AsyncGenerator<Float32Array> {
  for (let begin = 0; begin < values.length; begin += length) yield values.subarray(begin, begin + length);
}

/** The definition, written out. */
function norm(a: Float32Array, b: Float32Array, { rank, out, columns }: { rank: number; out: number; columns: number }): number {
  let square = 0;
  for (let row = 0; row < out; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let inner = 0; inner < rank; inner++) sum += (b[row * rank + inner] as number) * (a[inner * columns + column] as number);
      square += sum * sum;
    }
  }
  return Math.sqrt(square);
}

const ofPair = (a: Float32Array, b: Float32Array, { rank, columns }: { rank: number; columns: number }) =>
  productNorm({ rank, in: columns, a: () => pieces(a), b: () => pieces(b) });

test.each([
  { rank: 1, out: 1, columns: 1 },
  { rank: 3, out: 5, columns: 11 },
  { rank: 16, out: 40, columns: 30 },
])("the norm of a product of rank $rank is exact without making the product", async (shape) => {
  const [a, b] = [noise(shape.rank * shape.columns, 1), noise(shape.out * shape.rank, 2)];
  const found = await ofPair(a, b, shape);
  expect(found.isExact).toBe(true);
  expect(found.norm).toBeCloseTo(norm(a, b, shape), 5);
});

test("of a larger rank it is an estimate that stays within its error, and zero stays zero", async () => {
  const shape = { rank: 64, out: 100, columns: 80 };
  const [a, b] = [noise(shape.rank * shape.columns, 3), noise(shape.out * shape.rank, 4)];
  const found = await ofPair(a, b, shape);
  expect(found.isExact).toBe(false);
  const ratio = found.norm / norm(a, b, shape);
  expect(ratio).toBeGreaterThan(0.7);
  expect(ratio).toBeLessThan(1.4);
  expect(await ofPair(a, new Float32Array(b.length), shape)).toEqual({ norm: 0, isExact: false });
});
