import { singularValues } from "../singular-values.ts";
import { multiply, transpose } from "./product-spectrum.ts";

/** Orthonormal directions as columns [size, count], the strongest first. */
export interface Directions {
  readonly values: ArrayLike<number>;
  readonly size: number;
  readonly count: number;
}

/** Right singular vectors of A [rank, in]: the directions that an adapter looks for in what comes in. */
export function inputDirections(a: ArrayLike<number>, { rank, in: columns }: { readonly rank: number; readonly in: number }): Directions {
  const { right, count } = singularValues({ values: a, rows: rank, columns });
  return { values: right, size: columns, count };
}

/**
 * φ(i, j) = ‖Uᵢᵀ·U′ⱼ‖²_F / min(i, j) of the paper's section 7.2 for every i and j, [i - 1][j - 1]: 1 when the first i directions of
 * one lie within the first j of the other or the other way round, 0 when they have nothing in common.
 */
export function subspaceSimilarity(one: Directions, other: Directions): number[][] {
  const overlap = multiply(
    { values: transpose(one.values, { rows: one.size, columns: one.count }), rows: one.count, columns: one.size },
    { values: other.values, rows: other.size, columns: other.count },
  );
  const sums: number[][] = [];
  for (let i = 0; i < one.count; i++) {
    let row = 0;
    sums.push(
      Array.from({ length: other.count }, (_, j) => {
        row += (overlap[i * other.count + j] as number) ** 2;
        return row + (sums[i - 1]?.[j] ?? 0);
      }),
    );
  }
  // Rounding alone can carry it past 1.
  return sums.map((row, i) => row.map((sum, j) => Math.min(1, sum / Math.min(i + 1, j + 1))));
}
