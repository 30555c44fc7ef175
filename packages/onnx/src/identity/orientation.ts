/** Size of a matrix, row-major. */
export interface MatrixShape {
  readonly rows: number;
  readonly columns: number;
}

/** Columns that are turned into rows at once; measured fastest with ROWS, two thirds of what hashing the same bytes takes. */
const COLUMNS = 32;
/** Rows of a tile: its columns stay in the nearest cache. */
const ROWS = 128;

/** What stands before the values in a matrix digest: rows and columns, u64, little-endian. */
export function shapeBytes({ rows, columns }: MatrixShape): Uint8Array {
  return new Uint8Array(BigUint64Array.of(BigInt(rows), BigInt(columns)).buffer);
}

/** The values of the transposed matrix as little-endian float32, some rows at a time. Each piece is valid until the next is asked for. */
export function* transposedBytes(values: Float32Array, { rows, columns }: MatrixShape): Iterable<Uint8Array> {
  const strip = new Float32Array(Math.min(COLUMNS, columns) * rows);
  for (let first = 0; first < columns; first += COLUMNS) {
    const count = Math.min(COLUMNS, columns - first);
    transposeColumns(values, { shape: { rows, columns }, first, count, into: strip, stride: rows, at: 0 });
    yield new Uint8Array(strip.buffer, 0, count * rows * 4);
  }
}

/** Writes `count` columns from `first` on as rows of `into`, `stride` elements apart, beginning at element `at` of each. */
export function transposeColumns(
  values: Float32Array,
  options: { shape: MatrixShape; first: number; count: number; into: Float32Array; stride: number; at: number },
): void {
  const {
    shape: { rows, columns },
    first,
    count,
    into,
    stride,
    at,
  } = options;
  for (let top = 0; top < rows; top += ROWS) {
    const bottom = Math.min(rows, top + ROWS);
    for (let column = 0; column < count; column++) {
      const row = column * stride + at;
      for (let index = top, from = top * columns + first + column; index < bottom; index++, from += columns)
        into[row + index] = values[from] as number;
    }
  }
}
