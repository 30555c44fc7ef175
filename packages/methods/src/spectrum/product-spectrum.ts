import { orthonormalise, type SingularValues, singularValues } from "../singular-values.ts";

/** A product scale · B·A in two thin factors: A [rank, in], B [out, rank], row-major. */
export interface ThinProduct {
  readonly a: ArrayLike<number>;
  readonly b: ArrayLike<number>;
  readonly in: number;
  readonly out: number;
  readonly rank: number;
  readonly scale: number;
}

/** Singular values and vectors of scale · B·A, left [out, rank] and right [in, rank]; only matrices of rank × rank are decomposed. */
export function productSpectrum({ a, b, in: columns, out, rank, scale }: ThinProduct): SingularValues {
  const outer = orthonormalise({ values: b, rows: out, columns: rank });
  const inner = orthonormalise({ values: transpose(a, { rows: rank, columns }), rows: columns, columns: rank });
  // B·A = Qb·(Rb·Raᵀ)·Qaᵀ, so the core has the same singular values.
  const core = multiply(
    { values: outer.r, rows: rank, columns: rank },
    { values: transpose(inner.r, { rows: rank, columns: rank }), rows: rank, columns: rank },
  );
  const small = singularValues({ values: core.map((value) => value * scale), rows: rank, columns: rank });
  return {
    count: rank,
    values: small.values,
    left: multiply({ values: outer.q, rows: out, columns: rank }, { values: small.left, rows: rank, columns: rank }),
    right: multiply({ values: inner.q, rows: columns, columns: rank }, { values: small.right, rows: rank, columns: rank }),
  };
}

/** What the singular values of a delta say about its rank. */
export interface RankUse {
  /** exp of the entropy of the values taken as shares of their sum (Roy and Vetterli 2007); 0 for a delta that is zero. */
  readonly effectiveRank: number;
  /** ‖ΔW‖²_F / σ₁². */
  readonly stableRank: number;
  /** Share of ‖ΔW‖²_F in the first 1, 2, … directions. */
  readonly energy: readonly number[];
  /** Directions that hold nine tenths, and 99 hundredths, of ‖ΔW‖²_F. */
  readonly rank90: number;
  readonly rank99: number;
}

/** How much of its rank a delta uses. */
export function rankUse(values: ArrayLike<number>): RankUse {
  const list = Array.from(values);
  const sum = list.reduce((total, value) => total + value, 0);
  const squares = list.reduce((total, value) => total + value * value, 0);
  if (sum === 0) return { effectiveRank: 0, stableRank: 0, energy: list.map(() => 0), rank90: 0, rank99: 0 };
  const entropy = list.reduce((total, value) => total - (value === 0 ? 0 : (value / sum) * Math.log(value / sum)), 0);
  let held = 0;
  const energy = list.map((value) => (held += value * value) / squares);
  const needed = (share: number): number => energy.findIndex((part) => part >= share * (1 - 1e-12)) + 1;
  return {
    effectiveRank: Math.exp(entropy),
    stableRank: squares / (list[0] ?? 1) ** 2,
    energy,
    rank90: needed(0.9),
    rank99: needed(0.99),
  };
}

interface Dense {
  readonly values: ArrayLike<number>;
  readonly rows: number;
  readonly columns: number;
}

/** The product of two matrices in float64. */
export function multiply(one: Dense, other: Dense): Float64Array {
  const result = new Float64Array(one.rows * other.columns);
  for (let row = 0; row < one.rows; row++) {
    for (let inner = 0; inner < one.columns; inner++) {
      const factor = one.values[row * one.columns + inner] as number;
      if (factor === 0) continue;
      const from = inner * other.columns;
      const to = row * other.columns;
      for (let column = 0; column < other.columns; column++)
        result[to + column] = (result[to + column] as number) + factor * (other.values[from + column] as number);
    }
  }
  return result;
}

/** The transposed matrix in float64. */
export function transpose(values: ArrayLike<number>, { rows, columns }: { readonly rows: number; readonly columns: number }): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column] as number;
  return result;
}
