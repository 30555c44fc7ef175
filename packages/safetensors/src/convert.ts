import { GraftError } from "@graft/error";
import { DTYPES, type Dtype } from "./dtypes.ts";
import { decodeTable, encode, FLOAT_FORMATS } from "./float-formats.ts";
import { aligned, packCodes, unpackCodes } from "./packed-codes.ts";

/** Values of a float tensor as float32, in a buffer of their own. F64 rounds; all others are exact. USAGE for integers and C64. */
export function toFloat32(dtype: Dtype, bytes: Uint8Array): Float32Array {
  checkWhole(dtype, bytes);
  if (dtype === "F32") return new Float32Array(aligned(bytes, 4));
  if (dtype === "F64") return Float32Array.from(new Float64Array(aligned(bytes, 8)));
  if (dtype === "BF16") return fromTopBits(new Uint16Array(aligned(bytes, 2)));
  const format = FLOAT_FORMATS[dtype];
  if (format === undefined && dtype !== "F8_E8M0") throw notFloat(dtype);
  const table = format === undefined ? EXPONENTS : decodeTable(format);
  const codes = unpackCodes(DTYPES[dtype].bits, bytes);
  const values = new Float32Array(codes.length);
  for (let index = 0; index < codes.length; index += 1) values[index] = table[codes[index] ?? 0] ?? 0;
  return values;
}

/**
 * Bytes of a float tensor from float32 values, rounded to nearest, ties to even, as PyTorch does.
 * Beyond the largest: infinity, else NaN, else the largest. NOT_FINITE for NaN in F4 and F6, which have none.
 */
export function fromFloat32(dtype: Dtype, values: Float32Array): Uint8Array {
  if ((values.length * DTYPES[dtype].bits) % 8 !== 0)
    throw new GraftError("USAGE", `Cannot write ${values.length} values as ${dtype}: they do not fill whole bytes`);
  if (dtype === "F32") return new Uint8Array(values.slice().buffer);
  if (dtype === "F64") return new Uint8Array(Float64Array.from(values).buffer);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  if (dtype === "BF16") return packCodes(16, mapInto(new Uint16Array(values.length), { from: bits, code: roundToBfloat16 }));
  if (dtype === "F8_E8M0") return mapInto(new Uint8Array(values.length), { from: bits, code: roundToExponent });
  const format = FLOAT_FORMATS[dtype];
  if (format === undefined) throw notFloat(dtype);
  const codes = format.bits === 16 ? new Uint16Array(values.length) : new Uint8Array(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const code = encode(format, values[index] ?? 0);
    if (code < 0) throw new GraftError("NOT_FINITE", `Cannot write value ${index} as ${dtype}: it is NaN, which ${dtype} does not have`);
    codes[index] = code;
  }
  return packCodes(format.bits, codes);
}

/** Index of the first element that is NaN or infinite, -1 when there is none; integers have none. C64 counts complex elements. */
export function firstNonFinite(dtype: Dtype, bytes: Uint8Array): number {
  checkWhole(dtype, bytes);
  if (dtype === "F32") return firstWithExponent(new Uint32Array(aligned(bytes, 4)), 0x7f80_0000);
  if (dtype === "C64") return Math.floor(firstWithExponent(new Uint32Array(aligned(bytes, 4)), 0x7f80_0000) / 2);
  if (dtype === "BF16") return firstWithExponent(new Uint16Array(aligned(bytes, 2)), 0x7f80);
  if (dtype === "F16") return firstWithExponent(new Uint16Array(aligned(bytes, 2)), 0x7c00);
  if (dtype === "F64") return new Float64Array(aligned(bytes, 8)).findIndex((value) => !Number.isFinite(value));
  if (dtype === "F8_E8M0") return bytes.indexOf(0xff);
  const format = FLOAT_FORMATS[dtype];
  if (format === undefined || format.bits !== 8) return -1;
  const table = decodeTable(format);
  return bytes.findIndex((code) => !Number.isFinite(table[code]));
}

function firstWithExponent(codes: Uint32Array | Uint16Array, mask: number): number {
  for (let index = 0; index < codes.length; index += 1) if (((codes[index] ?? 0) & mask) === mask) return index;
  return -1;
}

/** The code is the exponent of float32, but 0 is 2^-127, a subnormal there. */
const EXPONENTS = Float32Array.from({ length: 256 }, (_, code) => (code === 0xff ? Number.NaN : 2 ** (code - 127)));

/** Fills codes from bits in a plain loop: `from` of a typed array takes twenty times as long. */
function mapInto<T extends Uint8Array | Uint16Array>(
  codes: T,
  { from, code }: { readonly from: Uint32Array; readonly code: (bits: number) => number },
): T {
  for (let index = 0; index < from.length; index += 1) codes[index] = code(from[index] ?? 0);
  return codes;
}

/** bfloat16 is the upper half of float32. */
function fromTopBits(codes: Uint16Array): Float32Array {
  const bits = new Uint32Array(codes.length);
  for (let index = 0; index < codes.length; index += 1) bits[index] = (codes[index] ?? 0) << 16;
  return new Float32Array(bits.buffer);
}

function roundToBfloat16(bits: number): number {
  if ((bits & 0x7fff_ffff) > 0x7f80_0000) return 0x7fc0;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** The sign is dropped and a tie goes up, as in PyTorch; infinity and NaN are NaN. */
function roundToExponent(bits: number): number {
  const exponent = (bits >>> 23) & 0xff;
  const mantissa = bits & 0x7f_ffff;
  if (exponent === 0xff) return 0xff;
  const up = exponent > 0 ? mantissa >= 0x40_0000 : mantissa > 0x40_0000;
  return exponent + (up ? 1 : 0);
}

function checkWhole(dtype: Dtype, bytes: Uint8Array): void {
  if ((bytes.length * 8) % DTYPES[dtype].bits === 0) return;
  throw new GraftError("USAGE", `Cannot read ${bytes.length} bytes as ${dtype}: they hold no whole number of elements`);
}

function notFloat(dtype: Dtype): GraftError {
  return new GraftError("USAGE", `Cannot convert ${dtype}: it is no real floating-point dtype`);
}
