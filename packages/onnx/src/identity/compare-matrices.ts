import { matrices, type Matrix } from "../matrices/matrices.ts";
import type { ModelProto } from "../proto/onnx_pb.ts";
import { floatValues, type Weights } from "../weights.ts";
import { isLeftOut } from "./left-out.ts";

/** A model and where its weights lie. */
export interface ComparedModel {
  readonly model: ModelProto;
  readonly weights: Weights;
}

/** How far one model's matrices are from another's. */
export interface MatrixDifference {
  /** ‖W' − W‖ / ‖W‖ over all matrices that both have, by Frobenius norms. */
  readonly relative: number;
  /** Matrices that both have, by module and shape, and those of the original. */
  readonly compared: number;
  readonly total: number;
}

/** Compares the matrices of a variant, such as a quantised build, with those of the model it was made from. */
export async function compareMatrices(original: ComparedModel, variant: ComparedModel): Promise<MatrixDifference> {
  const mine = distinct(original.model);
  const theirs = new Map(distinct(variant.model).map((matrix) => [matrix.module, matrix]));
  const sums = { difference: 0, original: 0, compared: 0 };
  for (const matrix of mine) {
    const other = theirs.get(matrix.module);
    if (other === undefined || other.in !== matrix.in || other.out !== matrix.out) continue;
    const [left, right] = [await floatValues(matrix.tensor, original.weights), await floatValues(other.tensor, variant.weights)];
    const place = placeIn(matrix, other);
    for (const [index, value] of left.entries()) {
      sums.difference += (value - (right[place(index)] as number)) ** 2;
      sums.original += value * value;
    }
    sums.compared += 1;
  }
  return { relative: Math.sqrt(sums.difference / (sums.original || 1)), compared: sums.compared, total: mine.length };
}

function distinct(model: ModelProto): Matrix[] {
  const seen = new Set<string>();
  return matrices(model).filter(({ module, initializer }) => !isLeftOut(module) && !seen.has(initializer) && seen.add(initializer));
}

/** Where the other matrix has what stands at an index of the first, which may lie the other way. */
function placeIn(matrix: Matrix, other: Matrix): (index: number) => number {
  if (matrix.orientation === other.orientation) return (index) => index;
  const [rows, columns] = matrix.orientation === "out_in" ? [matrix.out, matrix.in] : [matrix.in, matrix.out];
  return (index) => (index % columns) * rows + Math.floor(index / columns);
}
