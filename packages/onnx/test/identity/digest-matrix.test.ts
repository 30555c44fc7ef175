import { createHash } from "node:crypto";
import {
  createModel,
  digestMatrices,
  digestMatrix,
  externalTensor,
  fingerprint,
  fingerprintOf,
  floatTensor,
  floatValues,
  GraphBuilder,
  matrices,
  modelWeights,
  rawTensor,
  type Weights,
} from "@graft/onnx";
import { bytesSource, fromFloat32 } from "@graft/safetensors";
import { expect, test } from "vitest";
import { digestLargeMatrix } from "../../src/identity/large-matrix.ts";
import { matrixSource } from "../../src/identity/matrix-source.ts";

/** Values that float16 and bfloat16 hold exactly, both zeros among them. */
function values(rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, index) => (index === 1 ? -0 : ((index * 37) % 256) - 128));
}

function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(matrix, (_, index) => matrix[(index % rows) * columns + Math.floor(index / rows)] ?? 0);
}

/** The definition, written out. */
function sha(matrix: Float32Array, rows: number, columns: number): string {
  const shape = Buffer.alloc(16);
  shape.writeBigUInt64LE(BigInt(rows), 0);
  shape.writeBigUInt64LE(BigInt(columns), 8);
  return `sha256:${createHash("sha256").update(shape).update(Buffer.from(matrix.buffer)).digest("hex")}`;
}

test.each([
  [1, 1],
  [1, 7],
  [5, 3],
  [32, 128],
  [33, 129],
  [200, 70],
])("the digest of a %i by %i matrix is the smaller sha256 of its two orientations", async (rows, columns) => {
  const matrix = values(rows, columns);
  const turned = transpose(matrix, rows, columns);
  const want = [sha(matrix, rows, columns), sha(turned, columns, rows)].toSorted()[0];
  expect(await digestMatrix(matrix, { rows, columns })).toBe(want);
  expect(await digestMatrix(turned, { rows: columns, columns: rows })).toBe(want);
});

test("the shape counts, not only the values", async () => {
  const matrix = values(4, 6);
  expect(await digestMatrix(matrix, { rows: 4, columns: 6 })).not.toBe(await digestMatrix(matrix, { rows: 3, columns: 8 }));
});

/** A model that multiplies by one stored tensor after the other. */
function modelOf(tensors: readonly ReturnType<typeof floatTensor>[]): GraphBuilder["model"] {
  const builder = new GraphBuilder(createModel({ name: "digests" }));
  for (const tensor of tensors) builder.op("MatMul", ["x", builder.initializer(tensor)]);
  return builder.model;
}

const inMemory = (model: GraphBuilder["model"], file: Uint8Array = new Uint8Array()): Weights =>
  modelWeights(model, async () => bytesSource(file));

test("float16 and bfloat16 weights have the digest of their float32 copies, inside the model or out of it", async () => {
  const matrix = values(5, 3);
  const raw = fromFloat32("F32", matrix);
  const model = modelOf([
    floatTensor("f32.weight", [5, 3], matrix),
    rawTensor("f16.weight", { type: "float16", dims: [5, 3], bytes: fromFloat32("F16", matrix) }),
    rawTensor("bf16.weight", { type: "bfloat16", dims: [5, 3], bytes: fromFloat32("BF16", matrix) }),
    externalTensor("outside.weight", { type: "float32", dims: [5, 3], location: "w", offset: 0, length: raw.length }),
  ]);
  const digests = await digestMatrices(model, inMemory(model, raw));
  expect([...digests.keys()]).toEqual(["f32.weight", "f16.weight", "bf16.weight", "outside.weight"]);
  expect(new Set(digests.values())).toEqual(new Set([await digestMatrix(matrix, { rows: 5, columns: 3 })]));
});

test("a matrix read in blocks has the digest of one read whole", async () => {
  const tensor = floatTensor("large.weight", [3000, 900], values(3000, 900));
  const weights = inMemory(modelOf([tensor]));
  const want = await digestMatrix(await floatValues(tensor, weights), { rows: 3000, columns: 900 });
  for (const strip of [100_000, 2 ** 30]) expect(await digestLargeMatrix(matrixSource(tensor, weights), { strip })).toBe(want);
});

test("two threads give what one gives", async () => {
  const sizes = [
    [2500, 1000],
    [1000, 900],
    [700, 2000],
    [300, 300],
    [2000, 1500],
    [64, 64],
    [1500, 900],
  ] as const;
  const model = modelOf(
    sizes.map(([rows, columns], index) =>
      floatTensor(
        `m.${index}.weight`,
        [rows, columns],
        values(rows, columns).map((value) => value + index),
      ),
    ),
  );
  const weights = inMemory(model);
  const digests = await digestMatrices(model, weights);
  for (const { initializer, tensor } of matrices(model)) {
    const [rows = 0, columns = 0] = tensor.dims.map(Number);
    expect(digests.get(initializer)).toBe(await digestMatrix(await floatValues(tensor, weights), { rows, columns }));
  }
});

test("a fingerprint is a set: order, copies, poolers and heads do not count", async () => {
  const [a, b, pooler] = [values(4, 3), values(3, 5), values(3, 3)];
  const want = await fingerprintOf([await digestMatrix(b, { rows: 3, columns: 5 }), await digestMatrix(a, { rows: 4, columns: 3 })]);
  const names = [
    "pooler.dense.weight",
    "bert.pooler.dense.weight",
    "classifier.weight",
    "cls.predictions.decoder.weight",
    "lm_head.weight",
    "score.weight",
    "qa_outputs.weight",
  ];
  const model = modelOf([
    ...names.map((name) => floatTensor(name, [3, 3], pooler)),
    floatTensor("encoder.b.weight", [3, 5], b),
    floatTensor("encoder.a.weight", [3, 4], transpose(a, 4, 3)),
    floatTensor("decoder.a.weight", [4, 3], a),
  ]);
  const found = await fingerprint(model, inMemory(model));
  expect(found.fingerprint).toBe(want);
  expect(found.matrices.map(({ module, rows, columns }) => [module, rows, columns])).toEqual([
    ["encoder.b", 3, 5],
    ["encoder.a", 3, 4],
    ["decoder.a", 4, 3],
  ]);
});

test("the fingerprint is the sha256 of the sorted raw digests", async () => {
  const digests = [`sha256:${"ff".repeat(32)}`, `sha256:${"01".repeat(32)}`] as const;
  const want = createHash("sha256").update(Buffer.alloc(32, 1)).update(Buffer.alloc(32, 255)).digest("hex");
  expect(await fingerprintOf([...digests, ...digests])).toBe(`sha256:${want}`);
});

test("a model without float matrices has no fingerprint", async () => {
  const model = createModel({ name: "none" });
  await expect(fingerprint(model, inMemory(model))).rejects.toMatchObject({ code: "ONNX_UNSUPPORTED" });
});
