import { matrices } from "../matrices/matrices.ts";
import type { ModelProto } from "../proto/onnx_pb.ts";
import type { Weights } from "../weights.ts";
import { isLeftOut } from "./left-out.ts";
import { matrixSource } from "./matrix-source.ts";

/** Bytes that are read at once. */
const BLOCK = 8 * 2 ** 20;

/** Frobenius norms of the matrices that count for the fingerprint, by the name of their initializer. Every weight is read once. */
export async function matrixNorms(model: ModelProto, weights: Weights): Promise<Map<string, number>> {
  const norms = new Map<string, number>();
  for (const { module, initializer, tensor } of matrices(model)) {
    if (isLeftOut(module) || norms.has(initializer)) continue;
    const source = matrixSource(tensor, weights);
    const { rows, columns } = source.shape;
    const blockRows = Math.min(rows, Math.max(1, Math.floor(BLOCK / (columns * 4))));
    const block = new Float32Array(blockRows * columns);
    let square = 0;
    for (let begin = 0; begin < rows; begin += blockRows) {
      const values = block.subarray(0, Math.min(blockRows, rows - begin) * columns);
      await source.readRows(begin, values);
      for (const value of values) square += value * value;
    }
    norms.set(initializer, Math.sqrt(square));
  }
  return norms;
}
