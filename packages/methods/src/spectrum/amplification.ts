import type { SingularValues } from "../singular-values.ts";
import { multiply, transpose } from "./product-spectrum.ts";

/** How a delta stands to the matrix it is added to (the paper's table 7). */
export interface Amplification {
  /** ‖W‖_F. */
  readonly weightNorm: number;
  /** ‖UᵀWV‖_F: what W already does in the delta's directions. */
  readonly projectedNorm: number;
  /** The same for directions drawn by chance, in the mean: ‖W‖_F · rank / √(in · out). */
  readonly chanceNorm: number;
  /** ‖ΔW‖_F / ‖UᵀWV‖_F; absent where W does nothing there. */
  readonly factor?: number;
}

/** Measures how much a delta amplifies directions of W [out, in]. */
export function amplification(
  delta: SingularValues,
  { weight, in: columns, out }: { readonly weight: ArrayLike<number>; readonly in: number; readonly out: number },
): Amplification {
  const { count, left, right, values } = delta;
  // Directions without strength are arbitrary.
  const rank = values.filter((value) => value > (values[0] ?? 0) * 1e-10).length;
  const projected = multiply(
    {
      values: multiply(
        { values: transpose(left, { rows: out, columns: count }).subarray(0, rank * out), rows: rank, columns: out },
        { values: weight, rows: out, columns },
      ),
      rows: rank,
      columns,
    },
    { values: right, rows: columns, columns: count },
  ).filter((_, index) => index % count < rank);
  const weightNorm = norm(weight);
  const projectedNorm = norm(projected);
  return {
    weightNorm,
    projectedNorm,
    chanceNorm: (weightNorm * rank) / Math.sqrt(columns * out),
    ...(projectedNorm === 0 ? {} : { factor: norm(values) / projectedNorm }),
  };
}

/** Root of the sum of squares. */
export function norm(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += (values[index] as number) ** 2;
  return Math.sqrt(sum);
}
