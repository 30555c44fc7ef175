import { createHasher, type Digest } from "@graft/digest";
import { smallerDigest } from "./digest-matrix.ts";
import { bytesOf, type MatrixSource } from "./matrix-source.ts";
import { shapeBytes, transposeColumns } from "./orientation.ts";

/** Bytes that are read at once. */
const BLOCK = 8 * 2 ** 20;

/**
 * Digest of a matrix that is not held whole: it is read once for every `strip` bytes of it, and each time as many columns
 * are gathered. The first reading also hashes it as it lies.
 */
export async function digestLargeMatrix(source: MatrixSource, options: { strip: number }): Promise<Digest> {
  const {
    shape: { rows, columns },
  } = source;
  const straight = await createHasher();
  const transposed = await createHasher();
  straight.update(shapeBytes({ rows, columns }));
  transposed.update(shapeBytes({ rows: columns, columns: rows }));
  const blockRows = Math.max(1, Math.floor(BLOCK / (columns * 4)));
  const stripColumns = Math.min(columns, Math.max(1, Math.floor(options.strip / (rows * 4))));
  const block = new Float32Array(blockRows * columns);
  const strip = new Float32Array(stripColumns * rows);
  for (let first = 0; first < columns; first += stripColumns) {
    const count = Math.min(stripColumns, columns - first);
    for (let at = 0; at < rows; at += blockRows) {
      const end = Math.min(rows, at + blockRows);
      const values = block.subarray(0, (end - at) * columns);
      await source.readRows(at, values);
      if (first === 0) straight.update(bytesOf(values));
      transposeColumns(values, { shape: { rows: end - at, columns }, first, count, into: strip, stride: rows, at });
    }
    transposed.update(new Uint8Array(strip.buffer, 0, count * rows * 4));
  }
  return smallerDigest(straight.digest(), transposed.digest());
}
