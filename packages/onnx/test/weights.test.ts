import {
  createModel,
  DataType,
  externalTensor,
  floatTensor,
  floatValues,
  GraphBuilder,
  isFloat,
  modelWeights,
  rawTensor,
  type TensorProto,
} from "@graft/onnx";
import { bytesSource, fromFloat32 } from "@graft/safetensors";
import { expect, test } from "vitest";

const VALUES = [1, -2.5, 0.15625, 65504];
const FILE = new Uint8Array(64).fill(9);
FILE.set(fromFloat32("F32", Float32Array.from(VALUES)), 8);

const nothing = (): Promise<never> => Promise.reject(new Error("nothing to open"));

/** A tensor with its values in a typed field. */
function typed(fields: Partial<TensorProto>): TensorProto {
  return Object.assign(floatTensor("typed", [4], []), { rawData: new Uint8Array(), ...fields });
}

const bits = (dtype: "F16" | "BF16"): number[] => [...new Uint16Array(fromFloat32(dtype, Float32Array.from(VALUES)).buffer)];

test.each([
  ["raw bytes", floatTensor("raw", [4], VALUES)],
  ["raw float16", rawTensor("f16", { type: "float16", dims: [4], bytes: fromFloat32("F16", Float32Array.from(VALUES)) })],
  ["float_data", typed({ floatData: VALUES })],
  ["double_data", typed({ dataType: DataType.float64, doubleData: VALUES })],
  ["float16 in int32_data", typed({ dataType: DataType.float16, int32Data: bits("F16") })],
  ["an external file", externalTensor("external", { type: "float32", dims: [4], location: "weights.bin", offset: 8, length: 16 })],
  ["an external file without a length", externalTensor("external", { type: "float32", dims: [4], location: "weights.bin", offset: 8 })],
])("values are the same from %s", async (_, tensor) => {
  const builder = new GraphBuilder(createModel({ name: "weights" }));
  builder.initializer(tensor);
  const weights = modelWeights(builder.model, async () => bytesSource(FILE));
  expect([...(await floatValues(tensor, weights))]).toEqual(VALUES);
  const width = tensor.dataType === DataType.float32 ? 4 : tensor.dataType === DataType.float64 ? 8 : 2;
  expect([...(await floatValues(tensor, weights, { begin: width, end: 3 * width }))]).toEqual(VALUES.slice(1, 3));
  const into = new Uint8Array(2 * width);
  await weights.readInto?.(tensor, into, width);
  expect(into).toEqual(await weights.read(tensor, { begin: width, end: 3 * width }));
});

test("integers keep their bytes and are no floats", async () => {
  const weights = modelWeights(createModel({ name: "weights" }), nothing);
  const int64 = typed({ dataType: DataType.int64, int64Data: [1n, -1n, 2n, 3n] });
  expect(new BigInt64Array((await weights.read(int64)).slice().buffer)).toEqual(BigInt64Array.of(1n, -1n, 2n, 3n));
  expect([...(await weights.read(typed({ dataType: DataType.int8, int32Data: [1, -1, 2, 3] })))]).toEqual([1, 255, 2, 3]);
  expect(isFloat(int64)).toBe(false);
  await expect(floatValues(int64, weights)).rejects.toMatchObject({ code: "ONNX_UNSUPPORTED" });
});

test.each(["../up.bin", "/etc/passwd", "a/../../b", "C:\\weights", "", "..\\up.bin"])(
  "the location %j is refused before anything is read",
  (location) => {
    const builder = new GraphBuilder(createModel({ name: "weights" }));
    builder.initializer(externalTensor("external", { type: "float32", dims: [4], location, offset: 0 }));
    expect(() => modelWeights(builder.model, nothing)).toThrow(expect.objectContaining({ code: "ONNX_INVALID" }));
  },
);

test("bytes that do not fit the shape are refused", async () => {
  const weights = modelWeights(createModel({ name: "weights" }), async () => bytesSource(FILE));
  await expect(weights.read(floatTensor("short", [4], [1, 2]))).rejects.toMatchObject({
    code: "ONNX_INVALID",
    message: /has 8 bytes, its shape wants 16/,
  });
  await expect(
    weights.read(externalTensor("short", { type: "float32", dims: [4], location: "w", offset: 0, length: 8 })),
  ).rejects.toMatchObject({ code: "ONNX_INVALID" });
  await expect(weights.read(externalTensor("beyond", { type: "float32", dims: [4], location: "w", offset: 60 }))).rejects.toMatchObject({
    code: "READ_FAILED",
  });
  await expect(weights.read(floatTensor("range", [1], [1]), { begin: 0, end: 8 })).rejects.toMatchObject({ code: "READ_FAILED" });
});
