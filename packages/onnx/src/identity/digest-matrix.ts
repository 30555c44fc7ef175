import { createHasher, type Digest, formatDigest } from "@graft/digest";
import { GraftError } from "@graft/error";
import { bytesOf } from "./matrix-source.ts";
import { type MatrixShape, shapeBytes, transposedBytes } from "./orientation.ts";

/** Digest of a matrix of float32 values, row-major: the same for its transpose. */
export async function digestMatrix(values: Float32Array, shape: MatrixShape): Promise<Digest> {
  if (shape.rows * shape.columns !== values.length)
    throw new GraftError("USAGE", `Cannot hash ${values.length} values as [${shape.rows}, ${shape.columns}]`);
  return smallerDigest(await hashStraight(values, shape), await hashTransposed(values, shape));
}

/** sha256 of a matrix as it lies. */
export async function hashStraight(values: Float32Array, shape: MatrixShape): Promise<Uint8Array> {
  const hasher = await createHasher();
  hasher.update(shapeBytes(shape));
  hasher.update(bytesOf(values));
  return hasher.digest();
}

/** sha256 of its transpose. */
export async function hashTransposed(values: Float32Array, shape: MatrixShape): Promise<Uint8Array> {
  const hasher = await createHasher();
  hasher.update(shapeBytes({ rows: shape.columns, columns: shape.rows }));
  for (const bytes of transposedBytes(values, shape)) hasher.update(bytes);
  return hasher.digest();
}

/** The one of two raw digests that sorts first. */
export function smallerDigest(left: Uint8Array, right: Uint8Array): Digest {
  return formatDigest(compareBytes(left, right) <= 0 ? left : right);
}

/** Order of byte strings, as unsigned numbers. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const index = left.findIndex((byte, position) => byte !== right[position]);
  return index < 0 ? left.length - right.length : (left[index] ?? 0) - (right[index] ?? 0);
}
