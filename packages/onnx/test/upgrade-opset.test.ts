import { cloneModel, createModel, encodeModel, Float, GraphBuilder, type ModelProto, opsetVersion, upgradeOpset } from "@graft/onnx";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";

type Build = (builder: GraphBuilder) => readonly string[];

/** What operators looked like in set 9, over x [2, 3, 4]. */
const CASES: Readonly<Record<string, Build>> = {
  Slice: (b) => [b.op("Slice", ["x"], { attributes: { starts: [1, 0], ends: [3, 2], axes: [1, 2] } })],
  Clip: (b) => [
    b.op("Clip", ["x"], { attributes: { min: new Float(-0.5) } }),
    b.op("Clip", ["x"], { attributes: { max: new Float(0.5) } }),
  ],
  Pad: (b) => [b.op("Pad", ["x"], { attributes: { pads: [0, 1, 0, 0, 0, 2], value: new Float(3) } })],
  Squeeze: (b) => [b.op("Squeeze", [b.op("Unsqueeze", ["x"], { attributes: { axes: [0, 2] } })], { attributes: { axes: [2] } })],
  ReduceSum: (b) => [b.op("ReduceSum", ["x"], { attributes: { axes: [1], keepdims: 0 } }), b.op("ReduceSum", ["x"])],
  Split: (b) => b.ops("Split", ["x"], { attributes: { axis: 2, split: [1, 3] }, outputs: 2 }),
  Softmax: (b) => [b.op("Softmax", ["x"]), b.op("Softmax", ["x"], { attributes: { axis: 2 } })],
  LogSoftmax: (b) => [b.op("LogSoftmax", ["x"], { attributes: { axis: 1 } })],
  Dropout: (b) => [b.op("Dropout", ["x"], { attributes: { ratio: new Float(0.5) } })],
};

function model(build: Build): ModelProto {
  const builder = new GraphBuilder(createModel({ name: "old", opset: 9 }));
  builder.input("x", "float32", [2, 3, 4]);
  for (const value of build(builder)) {
    const end = builder.op("Flatten", [value], { attributes: { axis: 0 } });
    builder.output(end, { type: "float32", shape: [1, `size_${builder.graph.output.length}`] });
  }
  return builder.model;
}

async function run(made: ModelProto): Promise<number[]> {
  const session = await InferenceSession.create(encodeModel(made), { logSeverityLevel: 4 });
  const x = Float32Array.from({ length: 24 }, (_, index) => Math.sin(index * 1.7));
  const results = await session.run({ x: new Tensor(x, [2, 3, 4]) });
  await session.release();
  return Object.values(results).flatMap(({ data }) => Array.from(data as Float32Array));
}

describe("upgradeOpset", () => {
  it.each(Object.entries(CASES))("writes %s of operator set 9 so that set 13 computes the same", async (_, build) => {
    const old = model(build);
    const upgraded = cloneModel(old);
    upgradeOpset(upgraded);
    expect(opsetVersion(upgraded)).toBe(13);
    const [expected, found] = [await run(old), await run(upgraded)];
    expect(found).toHaveLength(expected.length);
    for (const [index, value] of expected.entries()) expect(found[index]).toBeCloseTo(value, 6);
  });

  it("leaves newer models as they are, and names a node that it cannot bring along", () => {
    const newer = createModel({ name: "new", opset: 17 });
    upgradeOpset(newer);
    expect(opsetVersion(newer)).toBe(17);
    const old = model((b) => [b.op("Upsample", ["x", b.float([1, 1, 2])], { name: "enlarge" })]);
    expect(() => upgradeOpset(old)).toThrow(/"enlarge" \(Upsample\).*has changed/);
  });
});
