import { GraftError } from "@graft/error";
import type { TensorProto } from "../proto/onnx_pb.ts";
import { ELEMENT_BITS, tensorDims } from "../tensor-bytes.ts";
import { dataTypeName } from "../types.ts";
import { floatValues, isFloat, type Weights } from "../weights.ts";
import { type NumberArray, sizeOf } from "./array.ts";

/** Whether a tensor holds codes of a quantised weight: integers of at most 8 bits. */
export function isPacked(tensor: TensorProto): boolean {
  return /^u?int[248]$/.test(dataTypeName(tensor.dataType));
}

/** Whether numbers of the tensor can be read for a frozen expression. */
export function isNumeric(tensor: TensorProto): boolean {
  return isFloat(tensor) || /^u?int(2|4|8|16|32|64)$/.test(dataTypeName(tensor.dataType));
}

/** Numbers of a tensor of floats or integers. */
export async function readNumbers(tensor: TensorProto, weights: Weights): Promise<NumberArray> {
  const dims = tensorDims(tensor);
  if (isFloat(tensor)) return { dims, values: await floatValues(tensor, weights) };
  const type = dataTypeName(tensor.dataType);
  const bytes = await weights.read(tensor);
  const bits = ELEMENT_BITS[type] ?? 8;
  if (bits < 8) return { dims, values: smallNumbers(bytes, { bits, signed: !type.startsWith("u"), count: sizeOf(dims) }) };
  return { dims, values: floats(type, new Uint8Array(bytes).buffer) };
}

/** Codes below a byte, the first in the low bits. */
export function smallNumbers(bytes: Uint8Array, { bits, signed, count }: { bits: number; signed: boolean; count: number }): Float32Array {
  const each = 8 / bits;
  const mask = 2 ** bits - 1;
  const values = new Float32Array(count);
  for (let index = 0; index < count; index++) {
    const code = ((bytes[Math.floor(index / each)] ?? 0) >> ((index % each) * bits)) & mask;
    values[index] = signed && code >= 2 ** (bits - 1) ? code - 2 ** bits : code;
  }
  return values;
}

function floats(type: string, buffer: ArrayBuffer): Float32Array {
  switch (type) {
    case "uint8":
      return new Float32Array(new Uint8Array(buffer));
    case "int8":
      return new Float32Array(new Int8Array(buffer));
    case "uint16":
      return new Float32Array(new Uint16Array(buffer));
    case "int16":
      return new Float32Array(new Int16Array(buffer));
    case "int32":
      return new Float32Array(new Int32Array(buffer));
    case "uint32":
      return new Float32Array(new Uint32Array(buffer));
    case "int64":
      return Float32Array.from(new BigInt64Array(buffer), Number);
    case "uint64":
      return Float32Array.from(new BigUint64Array(buffer), Number);
    default:
      throw new GraftError("ONNX_UNSUPPORTED", `Cannot read a weight: its elements are ${type}`);
  }
}
