import { expect, test } from "vitest";
import { singularValues } from "@graft/methods";
import { principalPair } from "../src/principal-pair.ts";

/** A matrix whose singular values fall as those of trained weights do: a few stand out, the rest is noise. */
function matrix(rows: number, columns: number): Float32Array {
  let state = 1;
  const noise = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const values = Float32Array.from({ length: rows * columns }, () => 0.05 * noise());
  for (let rank = 1; rank <= 6; rank++) {
    const [left, right] = [Array.from({ length: rows }, noise), Array.from({ length: columns }, noise)];
    for (let index = 0; index < values.length; index++)
      values[index] = (values[index] as number) + ((left[Math.floor(index / columns)] ?? 0) * (right[index % columns] ?? 0)) / rank;
  }
  return values;
}

test.each([
  [40, 60],
  [160, 140],
])("scale · B·A is the best matrix of its rank, %i × %i, and A and B share its size", (rows, columns) => {
  const [rank, scale] = [4, 2];
  const values = matrix(rows, columns);
  const { a, b } = principalPair({ values, rows, columns }, { rank, scale });
  const whole = singularValues({ values, rows, columns });
  let worst = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let [ours, best] = [0, 0];
      for (let index = 0; index < rank; index++) {
        ours += scale * (b[row * rank + index] ?? 0) * (a[index * columns + column] ?? 0);
        best +=
          (whole.left[row * whole.count + index] ?? 0) * (whole.values[index] ?? 0) * (whole.right[column * whole.count + index] ?? 0);
      }
      worst = Math.max(worst, Math.abs(ours - best));
    }
  }
  expect(worst).toBeLessThan(1e-5);
  const length = (list: Float32Array): number => Math.hypot(...list);
  expect(length(a)).toBeCloseTo(length(b), 4);
});
