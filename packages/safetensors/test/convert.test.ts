import { firstNonFinite, fromFloat32, toFloat32, type Dtype } from "@graft/safetensors";
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { referee, runReferee } from "../../../test/referee.ts";

const TORCH: Partial<Record<Dtype, string>> = {
  F16: "float16",
  BF16: "bfloat16",
  F8_E4M3: "float8_e4m3fn",
  F8_E5M2: "float8_e5m2",
  F8_E4M3FNUZ: "float8_e4m3fnuz",
  F8_E5M2FNUZ: "float8_e5m2fnuz",
  F8_E8M0: "float8_e8m0fnu",
};
const ML_DTYPES: Partial<Record<Dtype, string>> = { F4: "float4_e2m1fn", F6_E2M3: "float6_e2m3fn", F6_E3M2: "float6_e3m2fn" };
const SMALL = [...Object.keys(TORCH), ...Object.keys(ML_DTYPES)] as Dtype[];
const BITS: Partial<Record<Dtype, number>> = { F16: 16, BF16: 16, F4: 4, F6_E2M3: 6, F6_E3M2: 6 };

/** Codes of a format one by one, packed as the format packs them. */
function everyCode(dtype: Dtype): Uint8Array {
  const bits = BITS[dtype] ?? 8;
  if (bits === 16) return new Uint8Array(Uint16Array.from({ length: 2 ** 16 }, (_, code) => code).buffer);
  if (bits === 8) return Uint8Array.from({ length: 256 }, (_, code) => code);
  const bytes = new Uint8Array((2 ** bits * bits) / 8);
  for (let code = 0; code < 2 ** bits; code += 1) {
    for (let bit = 0; bit < bits; bit += 1) {
      const at = code * bits + bit;
      bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (((code >> bit) & 1) << (at & 7));
    }
  }
  return bytes;
}

/** float32 values where rounding can go wrong: each value of the format, its ties, the neighbours of both, and any bits. */
function hardValues(dtype: Dtype): Float32Array {
  const known = [...toFloat32(dtype, everyCode(dtype))].filter(Number.isFinite).toSorted((left, right) => left - right);
  const ties = known.map((value, index) => (value + (known[index + 1] ?? value)) / 2);
  const bits = new Uint32Array(Float32Array.from([...known, ...ties]).buffer);
  const around = new Float32Array(Uint32Array.from([...bits, ...bits.map((word) => word + 1), ...bits.map((word) => word - 1)]).buffer);
  const random = fc.sample(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { numRuns: 20_000, seed: 7 });
  const extremes = [0, -0, 1e-45, -1e-45, 3.4e38, -3.4e38, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const values = [...around, ...new Float32Array(Uint32Array.from(random).buffer), ...extremes];
  // Four elements of six bits fill whole bytes.
  const representable = Float32Array.from(ML_DTYPES[dtype] === undefined ? values : values.filter((value) => !Number.isNaN(value)));
  return representable.slice(representable.length % 8);
}

/** Equal bits, where every NaN is one. */
function sameValues(left: Float32Array, right: Float32Array = new Float32Array()): string[] {
  const differences: string[] = [];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    if (!Object.is(left[index], right[index])) differences.push(`${index}: ${left[index]} and ${right[index]}`);
  }
  return differences.slice(0, 5);
}

/** One run for all formats: importing PyTorch takes seconds. Prints the decoded codes and the rounded values of each, as float32. */
const PROGRAM = `
import json, sys, torch, numpy, ml_dtypes
out = sys.stdout.buffer
for name, library, codes, values in json.loads(sys.stdin.readline()):
    codes = bytearray.fromhex(codes)
    values = torch.frombuffer(bytearray.fromhex(values), dtype=torch.float32)
    if library == "torch":
        dtype = getattr(torch, name)
        out.write(torch.frombuffer(codes, dtype=torch.uint8).view(dtype).to(torch.float32).numpy().tobytes())
        out.write(values.to(dtype).to(torch.float32).numpy().tobytes())
    else:
        dtype = getattr(ml_dtypes, name)
        codes = numpy.arange(2 ** ml_dtypes.finfo(dtype).bits, dtype=numpy.uint8)
        out.write(codes.view(dtype).astype(numpy.float32).tobytes())
        out.write(values.numpy().astype(dtype).astype(numpy.float32).tobytes())
`;

function hex(values: Uint8Array | Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("hex");
}

describe.skipIf(referee === undefined)("conversions agree with PyTorch, or with ml_dtypes where it lacks the format", () => {
  const theirs = new Map<Dtype, { decoded: Float32Array; rounded: Float32Array }>();

  beforeAll(() => {
    const question = SMALL.map((dtype) => [
      TORCH[dtype] ?? ML_DTYPES[dtype],
      TORCH[dtype] === undefined ? "ml_dtypes" : "torch",
      hex(everyCode(dtype)),
      hex(hardValues(dtype)),
    ]);
    const answer = new Float32Array(Uint8Array.from(runReferee(PROGRAM, `${JSON.stringify(question)}\n`)).buffer);
    let at = 0;
    const take = (count: number): Float32Array => answer.subarray(at, (at += count));
    for (const dtype of SMALL) theirs.set(dtype, { decoded: take(2 ** (BITS[dtype] ?? 8)), rounded: take(hardValues(dtype).length) });
  });

  test.each(SMALL)("every code of %s decodes to the same value", (dtype) => {
    expect(sameValues(toFloat32(dtype, everyCode(dtype)), theirs.get(dtype)?.decoded)).toEqual([]);
  });

  test.each(SMALL)("values, ties and their neighbours round to the same value of %s", (dtype) => {
    expect(sameValues(toFloat32(dtype, fromFloat32(dtype, hardValues(dtype))), theirs.get(dtype)?.rounded)).toEqual([]);
  });
});

test.each(SMALL)("every finite code of %s survives a round trip", (dtype) => {
  const values = toFloat32(dtype, everyCode(dtype));
  const finite = values.map((value) => (Number.isFinite(value) ? value : 1));
  expect(sameValues(toFloat32(dtype, fromFloat32(dtype, finite)), finite)).toEqual([]);
});

test("F32 and F64 pass float32 values on, also from an odd address", () => {
  fc.assert(
    fc.property(fc.float32Array(), (values) => {
      for (const dtype of ["F32", "F64"] as const) {
        const encoded = fromFloat32(dtype, values);
        const shifted = new Uint8Array(encoded.length + 1).subarray(1);
        shifted.set(encoded);
        expect(sameValues(toFloat32(dtype, shifted), values)).toEqual([]);
      }
    }),
  );
});

test("the first element that is not finite is found in every float dtype, and none in integers", () => {
  for (const dtype of ["F64", "F32", "F16", "BF16", "F8_E5M2", "F8_E4M3", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F8_E8M0"] as const) {
    expect([dtype, firstNonFinite(dtype, fromFloat32(dtype, Float32Array.of(1, 2, Number.NaN, 1)))]).toEqual([dtype, 2]);
    expect([dtype, firstNonFinite(dtype, fromFloat32(dtype, Float32Array.of(1, 2, 4, 1)))]).toEqual([dtype, -1]);
  }
  for (const dtype of ["F32", "F16", "BF16", "F8_E5M2"] as const) {
    expect(firstNonFinite(dtype, fromFloat32(dtype, Float32Array.of(1, Number.NEGATIVE_INFINITY)))).toBe(1);
  }
  expect(firstNonFinite("C64", fromFloat32("F32", Float32Array.of(1, 2, 3, Number.NaN)))).toBe(1);
  expect(firstNonFinite("I32", new Uint8Array(8).fill(0xff))).toBe(-1);
});

test("what cannot be converted is refused with a code", () => {
  expect(() => toFloat32("I64", new Uint8Array(8))).toThrow(expect.objectContaining({ code: "USAGE" }));
  expect(() => toFloat32("F32", new Uint8Array(7))).toThrow(expect.objectContaining({ code: "USAGE" }));
  expect(() => fromFloat32("F4", Float32Array.of(1, Number.NaN))).toThrow(expect.objectContaining({ code: "NOT_FINITE" }));
  expect(() => fromFloat32("F4", Float32Array.of(1))).toThrow(expect.objectContaining({ code: "USAGE" }));
});
