import type { Dtype } from "./dtypes.ts";

/**
 * A float format of at most 16 bits. What a value beyond the largest becomes, and what NaN becomes, follows PyTorch
 * where PyTorch has the format, and the OCP microscaling specification (saturate) where it does not.
 */
export interface FloatFormat {
  readonly bits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /** Largest finite code, sign aside. */
  readonly largest: number;
  /** Code of a value beyond the largest, sign aside. */
  readonly overflow: number;
  /** Code of NaN, sign aside; undefined where there is none. */
  readonly nan: number | undefined;
  /** Code of infinity, sign aside; undefined where there is none. */
  readonly infinity: number | undefined;
  /** The one NaN takes the place of negative zero. */
  readonly nanIsNegativeZero?: true;
}

/** The dtypes that `toFloat32` decodes through a table. */
export const FLOAT_FORMATS: Readonly<Partial<Record<Dtype, FloatFormat>>> = {
  // IEEE 754 and its kin.
  F16: { bits: 16, mantissaBits: 10, bias: 15, largest: 0x7bff, overflow: 0x7c00, nan: 0x7e00, infinity: 0x7c00 },
  F8_E5M2: { bits: 8, mantissaBits: 2, bias: 15, largest: 0x7b, overflow: 0x7c, nan: 0x7f, infinity: 0x7c },
  // Finite only, NaN is all ones; PyTorch 2.13 saturates, infinity too.
  F8_E4M3: { bits: 8, mantissaBits: 3, bias: 7, largest: 0x7e, overflow: 0x7e, nan: 0x7f, infinity: undefined },
  // Finite, unsigned zero: the code of -0 is NaN.
  F8_E4M3FNUZ: {
    bits: 8,
    mantissaBits: 3,
    bias: 8,
    largest: 0x7f,
    overflow: 0x80,
    nan: 0x80,
    infinity: undefined,
    nanIsNegativeZero: true,
  },
  F8_E5M2FNUZ: {
    bits: 8,
    mantissaBits: 2,
    bias: 16,
    largest: 0x7f,
    overflow: 0x80,
    nan: 0x80,
    infinity: undefined,
    nanIsNegativeZero: true,
  },
  // Microscaling elements: no NaN, no infinity.
  F6_E2M3: { bits: 6, mantissaBits: 3, bias: 1, largest: 0x1f, overflow: 0x1f, nan: undefined, infinity: undefined },
  F6_E3M2: { bits: 6, mantissaBits: 2, bias: 3, largest: 0x1f, overflow: 0x1f, nan: undefined, infinity: undefined },
  F4: { bits: 4, mantissaBits: 1, bias: 1, largest: 0x7, overflow: 0x7, nan: undefined, infinity: undefined },
};

const tables = new Map<FloatFormat, Float32Array>();

/** The float32 value of every code; made once. Every format of this file fits float32 exactly. */
export function decodeTable(format: FloatFormat): Float32Array {
  const known = tables.get(format);
  if (known !== undefined) return known;
  const table = Float32Array.from({ length: 1 << format.bits }, (_, code) => decode(format, code));
  tables.set(format, table);
  return table;
}

function decode(format: FloatFormat, code: number): number {
  const signBit = 1 << (format.bits - 1);
  if (format.nanIsNegativeZero === true && code === signBit) return Number.NaN;
  const magnitude = code & (signBit - 1);
  const sign = code & signBit ? -1 : 1;
  if (magnitude === format.infinity) return sign * Number.POSITIVE_INFINITY;
  if (magnitude > format.largest) return Number.NaN;
  const exponent = magnitude >> format.mantissaBits;
  const mantissa = magnitude & ((1 << format.mantissaBits) - 1);
  const significand = exponent === 0 ? mantissa : mantissa + (1 << format.mantissaBits);
  return sign * significand * 2 ** (Math.max(exponent, 1) - format.bias - format.mantissaBits);
}

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** Encodes one float32 value, rounding to nearest, ties to even. NaN where there is none gives -1. */
export function encode(format: FloatFormat, value: number): number {
  const signBit = 1 << (format.bits - 1);
  scratch[0] = value;
  const bits = scratchBits[0] ?? 0;
  const sign = bits >>> 31 === 1 ? signBit : 0;
  if (Number.isNaN(value)) {
    if (format.nan === undefined) return -1;
    return format.nanIsNegativeZero === true ? format.nan : sign | format.nan;
  }
  const exponent = Math.max(((bits >>> 23) & 0xff) - 127, 1 - format.bias);
  // Steps of the last mantissa bit; exact, because a double has room for both.
  const steps = roundHalfEven(Math.abs(value) * 2 ** (format.mantissaBits - exponent));
  // A mantissa that rounds up to the next power of two carries into the exponent by itself.
  const magnitude = Number.isFinite(value) ? ((exponent + format.bias - 1) << format.mantissaBits) + steps : format.overflow;
  const code = magnitude > format.largest ? format.overflow : magnitude;
  if (format.nanIsNegativeZero === true && (code === 0 || code === format.nan)) return code;
  return sign | code;
}

/** Rounds to the nearest integer, ties to even, for values of zero and more. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
