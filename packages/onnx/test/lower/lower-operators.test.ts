import { cloneModel, createModel, encodeModel, GraphBuilder, LOWERED, lowerOperators, type ModelProto } from "@graft/onnx";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";

/** Adds nodes of an operator to a graph over a [2, 3, 4] and b [2, 3, 5], and gives their results. */
type Build = (builder: GraphBuilder, opset: number) => readonly string[];

const fused = (builder: GraphBuilder, inputs: readonly string[], attributes: Record<string, number>): string =>
  builder.op("FusedMatMul", inputs, { domain: "com.microsoft", attributes });

const CASES: Readonly<Record<string, Build>> = {
  "com.microsoft.FusedMatMul": (builder) => [
    fused(builder, ["a", "b"], { transA: 1 }),
    fused(builder, ["a", "a"], { transB: 1 }),
    fused(builder, ["a", builder.op("Transpose", ["b"], { attributes: { perm: [0, 2, 1] } })], { transA: 1, transB: 1 }),
  ],
  LogSoftmax: (builder) => [
    builder.op("LogSoftmax", ["a"], { attributes: { axis: -1 } }),
    builder.op("LogSoftmax", [builder.op("Mul", ["a", builder.float(1e4)])], { attributes: { axis: 1 } }),
  ],
  OneHot: (builder) =>
    [-1, 0].map((axis) =>
      builder.op("OneHot", [builder.int([2, 0, -1]), builder.int([4]), builder.float([0, 1])], { attributes: { axis } }),
    ),
  SoftmaxCrossEntropyLoss: (builder) => {
    const rows = builder.op("Reshape", ["a", builder.int([-1, 4])]);
    const labels = builder.int([3, 0, -100, 1, -100, 2]);
    const [loss = "", logProbability = ""] = builder.ops("SoftmaxCrossEntropyLoss", [rows, labels], {
      attributes: { ignore_index: -100, reduction: "mean" },
      outputs: 2,
    });
    return [loss, logProbability];
  },
  Sign: (builder) => [builder.op("Sign", ["a"]), builder.op("Sign", [builder.op("Sub", ["a", "a"])])],
  Sum: (builder) => [builder.op("Sum", ["a", "a", "a"]), builder.op("Sum", ["a"])],
};

function model(build: Build, opset: number): ModelProto {
  const made = createModel({ name: "case", opset });
  const [own] = made.opsetImport;
  if (own !== undefined) made.opsetImport.push({ ...own, domain: "com.microsoft", version: 1n });
  const builder = new GraphBuilder(made);
  builder.input("a", "float32", ["rows", 3, 4]);
  builder.input("b", "float32", ["rows", 3, 5]);
  for (const value of build(builder, opset)) {
    builder.output(value, { name: `end_${builder.graph.output.length}`, type: "float32", shape: ["rows", "x", "y"] });
  }
  return made;
}

async function run(made: ModelProto): Promise<number[]> {
  const session = await InferenceSession.create(encodeModel(made), { logSeverityLevel: 3 });
  const values = (count: number): Float32Array => Float32Array.from({ length: count }, (_, index) => Math.sin(index * 1.7));
  const results = await session.run({ a: new Tensor(values(24), [2, 3, 4]), b: new Tensor(values(30), [2, 3, 5]) });
  await session.release();
  return Object.values(results).flatMap(({ data }) => Array.from(data as Float32Array));
}

describe("lowerOperators", () => {
  it("has a case for every row", () => expect(Object.keys(CASES).toSorted()).toEqual([...LOWERED].toSorted()));

  it.each(Object.entries(CASES).flatMap(([operator, build]) => [13, 18, 21].map((opset) => ({ operator, build, opset }))))(
    "writes $operator in simpler operators that compute the same, opset $opset",
    async ({ operator, build, opset }) => {
      const made = model(build, opset);
      const lowered = cloneModel(made);
      lowerOperators(lowered);
      const left = (lowered.graph?.node ?? []).filter(({ opType, input }) => operator.split(".").at(-1) === opType && input.length > 1);
      expect(left).toEqual([]);
      const [expected, found] = [await run(made), await run(lowered)];
      expect(found).toHaveLength(expected.length);
      for (const [index, value] of expected.entries()) expect(found[index]).toBeCloseTo(value, 4);
    },
  );

  it("leaves other operators alone", () => {
    const made = model((builder) => [builder.op("Sum", ["a", "a"])], 21);
    lowerOperators(made, ["LogSoftmax"]);
    expect(made.graph?.node.map(({ opType }) => opType)).toContain("Sum");
  });
});
