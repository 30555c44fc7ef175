import type { TensorProto } from "../proto/onnx_pb.ts";
import { ELEMENT_BITS, tensorDims } from "../tensor-bytes.ts";
import { dataTypeName, DataType } from "../types.ts";
import { floatValues, type Weights } from "../weights.ts";
import type { MatrixShape } from "./orientation.ts";

/** A stored matrix: its size as float32, and its rows on demand. */
export interface MatrixSource {
  readonly shape: MatrixShape;
  /** Bytes of the values as float32. */
  readonly size: number;
  /** Rows [begin, end) as little-endian float32; may be a view of what is stored. */
  rows(begin: number, end: number): Promise<Uint8Array>;
}

/** A tensor of two dimensions or more as a matrix: its first dimension by the rest. */
export function matrixSource(tensor: TensorProto, weights: Weights): MatrixSource {
  const [rows = 1, ...rest] = tensorDims(tensor);
  const columns = rest.reduce((product, dim) => product * dim, 1);
  const width = (columns * (ELEMENT_BITS[dataTypeName(tensor.dataType)] ?? 0)) / 8;
  return {
    shape: { rows, columns },
    size: rows * columns * 4,
    async rows(begin, end) {
      const range = { begin: begin * width, end: end * width };
      if (tensor.dataType === DataType.float32) return weights.read(tensor, range);
      const values = await floatValues(tensor, weights, range);
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    },
  };
}

/** Bytes as float32, without copying where they lie on a multiple of four. */
export function asFloats(bytes: Uint8Array): Float32Array {
  const whole = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Float32Array(whole.buffer, whole.byteOffset, whole.byteLength / 4);
}
