/** Arrays that hold tensor elements; float16 as its 16 bits, bool as one byte. */
export interface ElementArrays {
  float32: Float32Array;
  float64: Float64Array;
  float16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  bool: Uint8Array;
}

/** Element types of values that go into and come out of a session. */
export type ElementType = keyof ElementArrays;

/** A tensor value: dense, row-major. */
export interface TensorValue<T extends ElementType = ElementType> {
  readonly type: T;
  readonly dims: readonly number[];
  readonly data: ElementArrays[T];
}

/** Values by name. */
export type Feeds = Readonly<Record<string, TensorValue>>;

/** A float32 value. */
export function floatValue(dims: readonly number[], data: Float32Array): TensorValue<"float32"> {
  return { type: "float32", dims, data };
}

/** An int64 value from whole numbers. */
export function intValue(dims: readonly number[], data: readonly number[] | BigInt64Array): TensorValue<"int64"> {
  return { type: "int64", dims, data: data instanceof BigInt64Array ? data : BigInt64Array.from(data, BigInt) };
}
