/** Element types of ONNX tensors (TensorProto.DataType). */
export const DataType = {
  undefined: 0,
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  complex128: 15,
  bfloat16: 16,
  float8e4m3fn: 17,
  float8e4m3fnuz: 18,
  float8e5m2: 19,
  float8e5m2fnuz: 20,
  uint4: 21,
  int4: 22,
  float4e2m1: 23,
  float8e8m0: 24,
  uint2: 25,
  int2: 26,
  float6e2m3: 27,
  float6e3m2: 28,
} as const;
/** Name of an element type. */
export type DataTypeName = keyof typeof DataType;

const NAMES = new Map<number, DataTypeName>(Object.entries(DataType).map(([name, id]) => [id, name as DataTypeName]));

/** Name of an element type's number; "undefined" for a number that this version does not know. */
export function dataTypeName(id: number): DataTypeName {
  return NAMES.get(id) ?? "undefined";
}

/** Kinds of attributes (AttributeProto.AttributeType). */
export const AttributeType = {
  undefined: 0,
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
  sparseTensor: 11,
  sparseTensors: 12,
  typeProto: 13,
  typeProtos: 14,
} as const;

/** One dimension: a size, or the name of a size known only at run time. */
export type Dim = number | string;
