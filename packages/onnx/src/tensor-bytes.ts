import { GraftError } from "@graft/error";
import type { TensorProto } from "./proto/onnx_pb.ts";
import { dataTypeName, type DataTypeName } from "./types.ts";

/** Bits of one element. Types below a byte are packed, first element in the low bits. */
export const ELEMENT_BITS: Readonly<Partial<Record<DataTypeName, number>>> = {
  float32: 32,
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  int32: 32,
  int64: 64,
  bool: 8,
  float16: 16,
  float64: 64,
  uint32: 32,
  uint64: 64,
  complex64: 64,
  complex128: 128,
  bfloat16: 16,
  float8e4m3fn: 8,
  float8e4m3fnuz: 8,
  float8e5m2: 8,
  float8e5m2fnuz: 8,
  uint4: 4,
  int4: 4,
  float4e2m1: 4,
  float8e8m0: 8,
  uint2: 2,
  int2: 2,
  float6e2m3: 6,
  float6e3m2: 6,
};

/** Dimensions as numbers. ONNX_INVALID for one that is negative or beyond exact integers. */
export function tensorDims(tensor: TensorProto): number[] {
  const dims = tensor.dims.map(Number);
  const elements = dims.reduce((product, dim) => product * dim, 1);
  if (dims.some((dim) => dim < 0) || !Number.isSafeInteger(elements))
    throw new GraftError("ONNX_INVALID", `Cannot read "${tensor.name}": its dimensions are [${dims.join(", ")}]`);
  return dims;
}

/** Bytes that a tensor takes, by its type and dimensions. */
export function tensorBytes(tensor: TensorProto): number {
  const type = dataTypeName(tensor.dataType);
  const bits = ELEMENT_BITS[type];
  if (bits === undefined)
    throw new GraftError("ONNX_UNSUPPORTED", `Cannot read "${tensor.name}": its elements are ${type} (${tensor.dataType})`);
  return Math.ceil((tensorDims(tensor).reduce((product, dim) => product * dim, 1) * bits) / 8);
}

/** Bytes of a tensor that are in the model: `raw_data`, or a typed field. ONNX_INVALID when their number does not fit the shape. */
export function inlineBytes(tensor: TensorProto): Uint8Array {
  const bytes = tensor.rawData.byteLength > 0 ? tensor.rawData : typedBytes(tensor);
  const size = tensorBytes(tensor);
  if (bytes.byteLength !== size)
    throw new GraftError("ONNX_INVALID", `Cannot read "${tensor.name}": it has ${bytes.byteLength} bytes, its shape wants ${size}`);
  return bytes;
}

/** The typed fields: small types share `int32_data` and `uint64_data`, f16 and bf16 as their bits. */
function typedBytes(tensor: TensorProto): Uint8Array {
  const bits = ELEMENT_BITS[dataTypeName(tensor.dataType)] ?? 0;
  if (tensor.floatData.length > 0) return bytesOf(Float32Array.from(tensor.floatData));
  if (tensor.doubleData.length > 0) return bytesOf(Float64Array.from(tensor.doubleData));
  if (tensor.int64Data.length > 0) return bytesOf(BigInt64Array.from(tensor.int64Data));
  if (tensor.uint64Data.length > 0)
    return bytesOf(bits === 32 ? Uint32Array.from(tensor.uint64Data, Number) : BigUint64Array.from(tensor.uint64Data));
  if (bits === 32) return bytesOf(Int32Array.from(tensor.int32Data));
  return bytesOf(bits === 16 ? Uint16Array.from(tensor.int32Data) : Uint8Array.from(tensor.int32Data));
}

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
