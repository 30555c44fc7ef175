import type { TensorProto } from "../proto/onnx_pb.ts";
import { standInReader } from "../quantised/stand-in.ts";
import { ELEMENT_BITS, tensorDims } from "../tensor-bytes.ts";
import { dataTypeName, DataType } from "../types.ts";
import { floatValues, type Weights } from "../weights.ts";
import type { MatrixShape } from "./orientation.ts";

/** A stored matrix: its size as float32, and its rows on demand. */
export interface MatrixSource {
  readonly shape: MatrixShape;
  /** Bytes of the values as float32. */
  readonly size: number;
  /** Reads rows from `begin` on as float32, as many as `into` has room for. */
  readRows(begin: number, into: Float32Array): Promise<void>;
}

/** A tensor of two dimensions or more as a matrix: its first dimension by the rest. */
export function matrixSource(tensor: TensorProto, weights: Weights): MatrixSource {
  const [rows = 1, ...rest] = tensorDims(tensor);
  const columns = rest.reduce((product, dim) => product * dim, 1);
  const width = (columns * (ELEMENT_BITS[dataTypeName(tensor.dataType)] ?? 0)) / 8;
  return {
    shape: { rows, columns },
    size: rows * columns * 4,
    async readRows(begin, into) {
      const range = { begin: begin * width, end: (begin + into.length / columns) * width };
      if (tensor.dataType !== DataType.float32 || standInReader(tensor) !== undefined) into.set(await floatValues(tensor, weights, range));
      else if (weights.readInto === undefined) bytesOf(into).set(await weights.read(tensor, range));
      else await weights.readInto(tensor, bytesOf(into), range.begin);
    },
  };
}

/** The bytes of float32 values, without copying. */
export function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
