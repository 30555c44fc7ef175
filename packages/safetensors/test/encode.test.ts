import {
  bytesSource,
  byteLength,
  checkHeader,
  compareCodePoints,
  DTYPES,
  encodeSafetensors,
  openSafetensors,
  safetensorsStream,
  type Dtype,
  type Tensor,
} from "@graft/safetensors";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { referee, runReferee } from "../../../test/referee.ts";

const dtypes = Object.keys(DTYPES) as Dtype[];
const name = fc.string({ unit: "binary", maxLength: 12 }).filter((text) => text !== "__metadata__" && text.isWellFormed());
const tensor = fc
  .record({ dtype: fc.constantFrom(...dtypes), shape: fc.array(fc.nat(5), { maxLength: 4 }), seed: fc.nat(255) })
  // A last dimension of eight fills whole bytes in every dtype.
  .map(({ dtype, shape, seed }): Tensor => {
    const whole = DTYPES[dtype].bits < 8 ? [...shape, 8] : shape;
    return {
      dtype,
      shape: whole,
      data: Uint8Array.from({ length: byteLength(dtype, whole) ?? 0 }, (_, index) => (index * 31 + seed) % 256),
    };
  });
const tensors = fc.uniqueArray(fc.tuple(name, tensor), { maxLength: 8, selector: ([key]) => key }).map((entries) => new Map(entries));
const metadata = fc.option(
  fc.dictionary(name, name, { maxKeys: 3, noNullPrototype: true }).map((object) => new Map(Object.entries(object))),
  { nil: undefined },
);

test("what was written is read back, whatever the names, dtypes and shapes", async () => {
  await fc.assert(
    fc.asyncProperty(tensors, metadata, async (written, texts) => {
      const file = await openSafetensors(bytesSource(encodeSafetensors(written, texts)));
      expect(new Map(file.header.metadata)).toEqual(texts ?? new Map());
      const read = new Map<string, Tensor>();
      for (const key of file.header.tensors.keys()) read.set(key, await file.tensor(key));
      expect(read).toEqual(written);
      // Only names can be wrong in a file that this writer wrote.
      expect(
        checkHeader(file.header).filter(
          ({ rule }) => rule !== "tensor-name" && rule !== "metadata-key" && rule !== "metadata-control-character",
        ),
      ).toEqual([]);
    }),
  );
});

test("the order of tensors and of metadata does not change a byte, nor does streaming", async () => {
  await fc.assert(
    fc.asyncProperty(tensors, metadata, async (written, texts) => {
      const bytes = encodeSafetensors(written, texts);
      const reversed = new Map([...written].toReversed());
      expect(encodeSafetensors(reversed, texts && new Map([...texts].toReversed()))).toEqual(bytes);
      const stream = safetensorsStream(
        Array.from(reversed, ([key, { dtype, shape, data }]) => ({
          name: key,
          dtype,
          shape,
          bytes: async function* () {
            yield data.subarray(0, 1);
            yield data.subarray(1);
          },
        })),
        texts,
      );
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      expect(new Uint8Array(Buffer.concat(chunks))).toEqual(bytes);
    }),
    { numRuns: 50 },
  );
});

const PROGRAM = `
import json, numpy, sys
from safetensors import serialize, TensorSpec
for line in sys.stdin:
    tensors, metadata = json.loads(line)
    specs, alive = {}, []
    for name, dtype, shape, data in tensors:
        buffer = numpy.frombuffer(bytes.fromhex(data), dtype=numpy.uint8)
        alive.append(buffer)
        # Two elements of F4 make one of the binding's.
        stored = shape[:-1] + [shape[-1] // 2] if dtype.endswith("_x2") else shape
        specs[name] = TensorSpec(dtype=dtype, shape=stored, data_ptr=buffer.ctypes.data, data_len=buffer.nbytes)
    print(serialize(specs, metadata).hex())
`;
/** Dtypes that the Python binding takes from a caller, as it spells them. */
const PYTHON: Partial<Record<Dtype, string>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U8: "uint8",
  U16: "uint16",
  U32: "uint32",
  U64: "uint64",
  BOOL: "bool",
  F8_E4M3: "float8_e4m3fn",
  F8_E5M2: "float8_e5m2",
  F8_E4M3FNUZ: "float8_e4m3fnuz",
  F8_E5M2FNUZ: "float8_e5m2fnuz",
  F8_E8M0: "float8_e8m0fnu",
  F4: "float4_e2m1fn_x2",
  C64: "complex64",
};

test.skipIf(referee === undefined)("files equal those of the reference writer, byte for byte", () => {
  const samples = fc
    .sample(tensors, { numRuns: 200, seed: 3 })
    .map((written) => new Map([...written].filter(([, { dtype }]) => PYTHON[dtype] !== undefined)))
    .map((written, index) => ({
      written,
      texts: index % 3 === 0 ? undefined : new Map(index % 3 === 1 ? [["format", 'pt\n\u0001"é😀']] : []),
    }))
    // The reference writes broken JSON for empty metadata without tensors.
    .filter(({ written, texts }) => written.size > 0 || texts?.size !== 0);
  const question = samples.map(({ written, texts }) =>
    JSON.stringify([
      Array.from(written, ([key, { dtype, shape, data }]) => [key, PYTHON[dtype], shape, Buffer.from(data).toString("hex")]),
      texts && Object.fromEntries(texts),
    ]),
  );
  const theirs = runReferee(PROGRAM, `${question.join("\n")}\n`)
    .toString()
    .trimEnd()
    .split("\n");
  const ours = samples.map(({ written, texts }) => Buffer.from(encodeSafetensors(written, texts)).toString("hex"));
  expect(ours).toEqual(theirs);
});

test("names are ordered by code points, which UTF-16 order is not", () => {
  fc.assert(
    fc.property(name, name, (left, right) => {
      expect(Math.sign(compareCodePoints(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)));
    }),
    { numRuns: 1_000 },
  );
  expect(compareCodePoints("\u{1f600}", "\uffff")).toBeGreaterThan(0);
});

test("a stream holds one chunk at a time, however large the file", async () => {
  const chunk = new Uint8Array(1 << 20);
  const count = 600;
  let asked = 0;
  const entry = {
    name: "large",
    dtype: "U8" as const,
    shape: [count, chunk.length],
    bytes: async function* () {
      for (; asked < count; asked += 1) yield chunk;
    },
  };
  let size = 0;
  const before = process.memoryUsage().arrayBuffers;
  for await (const piece of safetensorsStream([entry])) {
    size += piece.length;
    expect(asked * chunk.length).toBeLessThanOrEqual(size);
  }
  expect(size).toBeGreaterThan(count * chunk.length);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 2 ** 20);
});

test("what no file can hold is refused before a byte is written", () => {
  const one = (changes: Partial<Tensor>): Map<string, Tensor> =>
    new Map([["a", { dtype: "F32", shape: [1], data: new Uint8Array(4), ...changes }]]);
  const refused = expect.objectContaining({ code: "SAFETENSORS_INVALID" });
  expect(() => encodeSafetensors(one({ shape: [2] }))).toThrow(refused);
  expect(() => encodeSafetensors(one({ shape: [-1] }))).toThrow(refused);
  expect(() => encodeSafetensors(one({ shape: [1.5] }))).toThrow(refused);
  expect(() => encodeSafetensors(one({ dtype: "F4" }))).toThrow(refused);
  expect(() => encodeSafetensors(one({ dtype: "F128" as Dtype }))).toThrow(refused);
  expect(() => encodeSafetensors(one({ shape: [2 ** 30, 2 ** 30] }))).toThrow(refused);
  for (const bad of ["__metadata__", "\ud800"])
    expect(() => encodeSafetensors(new Map([[bad, { dtype: "U8", shape: [0], data: new Uint8Array() }]]))).toThrow(refused);
  expect(() => encodeSafetensors(new Map(), new Map([["a", "\udc00"]]))).toThrow(refused);
  const twice = { name: "a", dtype: "U8" as const, shape: [0], bytes: async function* () {} };
  expect(() => safetensorsStream([twice, twice])).toThrow(refused);
});

test.each([
  [3, "shorter"],
  [5, "longer"],
])("a stream of %i bytes for a tensor of 4 fails", async (length, word) => {
  const stream = safetensorsStream([
    {
      name: "a",
      dtype: "F32",
      shape: [1],
      bytes: async function* () {
        yield new Uint8Array(length);
      },
    },
  ]);
  const drain = async (): Promise<void> => {
    for await (const chunk of stream) expect(chunk.length).toBeGreaterThan(0);
  };
  await expect(drain()).rejects.toThrow(word);
});
