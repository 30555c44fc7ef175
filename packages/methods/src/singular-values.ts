import { GraftError } from "@graft/error";
import { Matrix, QrDecomposition, SingularValueDecomposition } from "ml-matrix";

/** A matrix of real numbers, row-major. */
export interface DenseMatrix {
  readonly values: ArrayLike<number>;
  readonly rows: number;
  readonly columns: number;
}

/** U · diag(values) · Vᵀ, `count` = min(rows, columns) values, the largest first. */
export interface SingularValues {
  readonly count: number;
  readonly values: Float64Array;
  /** U [rows, count], row-major: its columns are the left singular vectors. */
  readonly left: Float64Array;
  /** V [columns, count], row-major: its columns are the right singular vectors. */
  readonly right: Float64Array;
}

/** Singular values and vectors in float64; 768 × 768 takes two to three seconds. NOT_FINITE. */
export function singularValues({ values, rows, columns }: DenseMatrix): SingularValues {
  const svd = new SingularValueDecomposition(dense({ values, rows, columns }), { autoTranspose: true });
  const count = Math.min(rows, columns);
  return {
    count,
    values: Float64Array.from(svd.diagonal.slice(0, count)),
    left: flat(svd.leftSingularVectors, count),
    right: flat(svd.rightSingularVectors, count),
  };
}

/** Q [rows, columns] with orthonormal columns and R [columns, columns] whose product is the matrix, which is at least as high as wide. NOT_FINITE. */
export function orthonormalise(matrix: DenseMatrix): { readonly q: Float64Array; readonly r: Float64Array } {
  const qr = new QrDecomposition(dense(matrix));
  return { q: flat(qr.orthogonalMatrix, matrix.columns), r: flat(qr.upperTriangularMatrix, matrix.columns) };
}

/** The library's iteration does not end on NaN. */
function dense({ values, rows, columns }: DenseMatrix): Matrix {
  const result = new Matrix(rows, columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = values[row * columns + column] as number;
      if (!Number.isFinite(value))
        throw new GraftError("NOT_FINITE", `Cannot decompose a matrix of ${rows} × ${columns}: element [${row}, ${column}] is ${value}`);
      result.set(row, column, value);
    }
  }
  return result;
}

function flat(matrix: Matrix, columns: number): Float64Array {
  const result = new Float64Array(matrix.rows * columns);
  for (let row = 0; row < matrix.rows; row++)
    for (let column = 0; column < columns; column++) result[row * columns + column] = matrix.get(row, column);
  return result;
}
