import { describe, expect, test } from "vitest";
import { orthonormalise, singularValues, type DenseMatrix } from "@graft/methods";

function product(one: DenseMatrix, other: DenseMatrix): Float64Array {
  const result = new Float64Array(one.rows * other.columns);
  for (let row = 0; row < one.rows; row++)
    for (let inner = 0; inner < one.columns; inner++)
      for (let column = 0; column < other.columns; column++)
        result[row * other.columns + column] =
          (result[row * other.columns + column] ?? 0) +
          (one.values[row * one.columns + inner] ?? 0) * (other.values[inner * other.columns + column] ?? 0);
  return result;
}

function turned({ values, rows, columns }: DenseMatrix): DenseMatrix {
  const result = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column] ?? 0;
  return { values: result, rows: columns, columns: rows };
}

function difference(one: ArrayLike<number>, other: ArrayLike<number>): number {
  return Math.max(...Array.from(one, (value, index) => Math.abs(value - (other[index] ?? Number.NaN))));
}

function wave(rows: number, columns: number): DenseMatrix {
  return { rows, columns, values: Float32Array.from({ length: rows * columns }, (_, index) => Math.sin(index * index + 1)) };
}

const identity = (size: number): Float64Array =>
  Float64Array.from({ length: size * size }, (_, index) => (index % (size + 1) === 0 ? 1 : 0));

describe.each([
  [7, 4],
  [4, 7],
  [5, 5],
  [6, 1],
])("of %i × %i", (rows, columns) => {
  const matrix = wave(rows, columns);

  test("singular values fall, and the three parts give the matrix back", () => {
    const { count, values, left, right } = singularValues(matrix);
    expect(count).toBe(Math.min(rows, columns));
    expect([...values]).toEqual([...values].toSorted((one, other) => other - one));
    const u = { values: left, rows, columns: count };
    const v = { values: right, rows: columns, columns: count };
    expect(difference(product(turned(u), u), identity(count))).toBeLessThan(1e-12);
    expect(difference(product(turned(v), v), identity(count))).toBeLessThan(1e-12);
    const scaled = { ...u, values: left.map((value, index) => value * (values[index % count] ?? 0)) };
    expect(difference(product(scaled, turned(v)), matrix.values)).toBeLessThan(1e-12);
  });

  if (rows >= columns)
    test("the orthonormal factor spans the columns", () => {
      const { q, r } = orthonormalise(matrix);
      const factor = { values: q, rows, columns };
      expect(difference(product(turned(factor), factor), identity(columns))).toBeLessThan(1e-12);
      expect(difference(product(factor, { values: r, rows: columns, columns }), matrix.values)).toBeLessThan(1e-12);
    });
});

test("NaN is refused, which no iteration would end on", () => {
  const values = [1, 2, Number.NaN, 4];
  for (const work of [singularValues, orthonormalise])
    expect(() => work({ values, rows: 2, columns: 2 })).toThrow(expect.objectContaining({ code: "NOT_FINITE" }));
});
