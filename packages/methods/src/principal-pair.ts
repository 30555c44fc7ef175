import { fillGaussian, uniformStream } from "./random.ts";
import { type DenseMatrix, orthonormalise, singularValues } from "./singular-values.ts";

/** Matrices up to this width are decomposed whole; of wider ones the first directions are found by iteration. */
const WHOLE = 128;
/** Directions more than asked for, and passes over the matrix: what PEFT's `pissa_niter_16` takes. */
const SPARE = 8;
const PASSES = 16;

/** √(Σ/scale)·Vᵀ [rank, columns] and U·√(Σ/scale) [rows, rank] of the largest singular values of a matrix [rows, columns]. */
export function principalPair(
  matrix: DenseMatrix,
  { rank, scale }: { readonly rank: number; readonly scale: number },
): { a: Float32Array; b: Float32Array } {
  const { rows, columns } = matrix;
  const { values, left, right, count } = Math.min(rows, columns) <= WHOLE ? singularValues(matrix) : principal(matrix, rank + SPARE);
  const [a, b] = [new Float32Array(rank * columns), new Float32Array(rows * rank)];
  for (let index = 0; index < rank; index++) {
    const root = Math.sqrt((values[index] as number) / scale);
    for (let column = 0; column < columns; column++) a[index * columns + column] = root * (right[column * count + index] as number);
    for (let row = 0; row < rows; row++) b[row * rank + index] = root * (left[row * count + index] as number);
  }
  return { a, b };
}

/** The first `count` singular values and vectors, by subspace iteration from random directions (Halko, Martinsson and Tropp 2011). */
function principal(matrix: DenseMatrix, count: number): { values: Float64Array; left: Float64Array; right: Float64Array; count: number } {
  const { rows, columns } = matrix;
  const start = new Float32Array(columns * count);
  fillGaussian(start, uniformStream(0, "principal directions"), 1);
  let basis = orthonormalise({ values: times(matrix, start, count), rows, columns: count }).q;
  for (let pass = 0; pass < PASSES; pass++) {
    const back = orthonormalise({ values: transposedTimes(matrix, basis, count), rows: columns, columns: count }).q;
    basis = orthonormalise({ values: times(matrix, back, count), rows, columns: count }).q;
  }
  // W ≈ Q·(QᵀW), and (QᵀW)ᵀ is small enough to be decomposed whole.
  const small = singularValues({ values: transposedTimes(matrix, basis, count), rows: columns, columns: count });
  const left = new Float64Array(rows * count);
  for (let row = 0; row < rows; row++)
    for (let index = 0; index < count; index++)
      for (let inner = 0; inner < count; inner++)
        left[row * count + index] =
          (left[row * count + index] as number) + (basis[row * count + inner] as number) * (small.right[inner * count + index] as number);
  return { values: small.values, left, right: small.left, count };
}

/** W · X for X [columns, count]. */
function times({ values, rows, columns }: DenseMatrix, x: ArrayLike<number>, count: number): Float64Array {
  const result = new Float64Array(rows * count);
  for (let row = 0; row < rows; row++) {
    for (let inner = 0; inner < columns; inner++) {
      const factor = values[row * columns + inner] as number;
      for (let column = 0; column < count; column++)
        result[row * count + column] = (result[row * count + column] as number) + factor * (x[inner * count + column] as number);
    }
  }
  return result;
}

/** Wᵀ · X for X [rows, count]. */
function transposedTimes({ values, rows, columns }: DenseMatrix, x: ArrayLike<number>, count: number): Float64Array {
  const result = new Float64Array(columns * count);
  for (let row = 0; row < rows; row++) {
    for (let inner = 0; inner < columns; inner++) {
      const factor = values[row * columns + inner] as number;
      for (let column = 0; column < count; column++)
        result[inner * count + column] = (result[inner * count + column] as number) + factor * (x[row * count + column] as number);
    }
  }
  return result;
}
