/** The dtypes of the format in the reference's order, which is also the order in which a writer lays tensors out (last first). */
export const DTYPES = {
  BOOL: { bits: 8 },
  F4: { bits: 4 },
  F6_E2M3: { bits: 6 },
  F6_E3M2: { bits: 6 },
  U8: { bits: 8 },
  I8: { bits: 8 },
  F8_E5M2: { bits: 8 },
  F8_E4M3: { bits: 8 },
  F8_E8M0: { bits: 8 },
  F8_E4M3FNUZ: { bits: 8 },
  F8_E5M2FNUZ: { bits: 8 },
  I16: { bits: 16 },
  U16: { bits: 16 },
  F16: { bits: 16 },
  BF16: { bits: 16 },
  I32: { bits: 32 },
  U32: { bits: 32 },
  F32: { bits: 32 },
  C64: { bits: 64 },
  F64: { bits: 64 },
  I64: { bits: 64 },
  U64: { bits: 64 },
} as const satisfies Record<string, { bits: number }>;

/** Name of an element type, as files spell it. */
export type Dtype = keyof typeof DTYPES;

/** Whether a text names a dtype; case counts. */
export function isDtype(text: string): text is Dtype {
  return Object.hasOwn(DTYPES, text);
}

/** Bytes that a tensor takes; undefined when its bits do not fill whole bytes. */
export function byteLength(dtype: Dtype, shape: readonly number[]): number | undefined {
  const bits = shape.reduce((product, dimension) => product * dimension, DTYPES[dtype].bits);
  return bits % 8 === 0 ? bits / 8 : undefined;
}
