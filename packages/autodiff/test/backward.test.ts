import { createModel, DataType, GraphBuilder } from "@graft/onnx";
import { appendGradients, crossEntropy } from "@graft/autodiff";
import { describe, expect, it } from "vitest";
import { open } from "./execute.ts";

function builderWith(...inputs: string[]): GraphBuilder {
  const builder = new GraphBuilder(createModel({ name: "graph" }));
  for (const name of inputs) builder.input(name, "float32", [2, 2]);
  return builder;
}

const sum = (b: GraphBuilder, x: string): string => b.op("ReduceSum", [x], { attributes: { keepdims: 0 } });

describe("appendGradients", () => {
  it("looks only at nodes between the values and the loss, so an unknown operator elsewhere is fine", () => {
    const b = builderWith("x", "w");
    const before = b.op("Mystery", ["x"]);
    const product = b.op("MatMul", [before, "w"]);
    b.op("Mystery", [product]);
    expect([...appendGradients(b, { loss: sum(b, product), wrt: ["w"] }).keys()]).toEqual(["w"]);
  });

  it("names the node, its module and what to do when an operator has no rule", () => {
    const b = builderWith("x");
    const odd = b.op("Mystery", ["x"], { name: "/encoder/layer.0/attention/Mystery" });
    expect(() => appendGradients(b, { loss: sum(b, odd), wrt: ["x"] })).toThrowError(
      expect.objectContaining({
        code: "OPERATOR_WITHOUT_GRADIENT",
        message:
          'Cannot differentiate node "/encoder/layer.0/attention/Mystery" in module "encoder.layer.0.attention": operator "Mystery" has no gradient rule',
        hint: expect.stringContaining("GRADIENTS"),
      }),
    );
  });

  it("takes what a node marked as the end of gradients gives for a constant", () => {
    const b = builderWith("x", "w");
    const stopped = b.op("Identity", [b.op("Mystery", ["w"])]);
    b.graph.node.at(-1)?.metadataProps.push({ $typeName: "onnx.StringStringEntryProto", key: "graft.gradient", value: "stop" });
    const loss = sum(b, b.op("Div", [b.op("Mul", ["x", "w"]), stopped]));
    expect([...appendGradients(b, { loss, wrt: ["x", "w"] }).keys()]).toEqual(["x", "w"]);
  });

  it("refuses to pass over the gradient of an output that a rule does not know", () => {
    const b = builderWith("x", "scale");
    const [, mean = ""] = b.ops("LayerNormalization", ["x", b.float([1, 1])], { outputs: 2 });
    expect(() => appendGradients(b, { loss: sum(b, mean), wrt: ["x"] })).toThrowError(/output 1/);
  });

  it("computes nothing for frozen weights", () => {
    const b = builderWith("x", "frozen", "trained");
    const y = b.op("MatMul", [b.op("MatMul", ["x", "trained"]), "frozen"]);
    const loss = sum(b, y);
    const before = b.graph.node.length;
    appendGradients(b, { loss, wrt: ["trained"] });
    expect(b.graph.node.slice(before).filter(({ opType }) => opType.endsWith("MatMul"))).toHaveLength(2);
  });

  it("leaves out values that the loss does not depend on, also where only a comparison joins them", () => {
    const b = builderWith("x", "y", "z");
    const chosen = b.op("Where", [b.op("Less", ["y", "x"]), "x", b.float(0)]);
    expect([...appendGradients(b, { loss: sum(b, chosen), wrt: ["x", "y", "z"] }).keys()]).toEqual(["x"]);
  });

  it("gives gradients of values inside the graph and sums what arrives by several ways", async () => {
    const b = builderWith("x");
    const inner = b.op("Mul", ["x", b.float(3)]);
    const loss = sum(b, b.op("Add", [b.op("Mul", [inner, inner]), inner]));
    const gradients = appendGradients(b, { loss, wrt: ["x", inner] });
    for (const [value, name] of [
      ["x", "dx"],
      [inner, "dinner"],
    ] as const)
      b.output(gradients.get(value) ?? "", { name, type: "float32", shape: [2, 2] });
    const session = await open(b.model);
    const results = await session.run({ x: { dims: [2, 2], values: [1, 2, -1, 0] } });
    expect(results["dinner"]?.values).toEqual([7, 13, -5, 1]);
    expect(results["dx"]?.values).toEqual([21, 39, -15, 3]);
    await session.close();
  });

  it("finds its way through nodes in any order and thousands deep", () => {
    const b = builderWith("x");
    let value = "x";
    for (let depth = 0; depth < 5_000; depth++) value = b.op("Neg", [value]);
    const loss = sum(b, value);
    b.graph.node.reverse();
    expect(appendGradients(b, { loss, wrt: ["x"] }).size).toBe(1);
  });

  it("counts every row of an embedding that occurs many times, with several threads (a scatter lost some)", async () => {
    const b = new GraphBuilder(createModel({ name: "embedding" }));
    b.input("table", "float32", [300, 64]);
    b.input("ids", "int64", ["count"]);
    const loss = sum(b, b.op("Gather", ["table", "ids"]));
    b.output(appendGradients(b, { loss, wrt: ["table"] }).get("table") ?? "", { name: "gradient", type: "float32", shape: [300, 64] });
    const session = await open(b.model, { threads: 4 });
    const table = { dims: [300, 64], values: Array.from({ length: 300 * 64 }, () => 0) };
    const ids = { dims: [2048], values: Array.from({ length: 2048 }, (_, index) => index % 2), type: "int64" } as const;
    for (let run = 0; run < 20; run++) {
      const { gradient } = await session.run({ table, ids });
      expect(gradient?.values.every((value, index) => value === (index < 128 ? 1024 : 0))).toBe(true);
    }
    await session.close();
  });

  it("keeps element types: a float16 graph has float16 gradients", async () => {
    const b = builderWith("x");
    const half = b.op("Cast", ["x"], { attributes: { to: DataType.float16 } });
    const loss = sum(b, b.op("Cast", [b.op("Tanh", [half])], { attributes: { to: DataType.float32 } }));
    b.output(appendGradients(b, { loss, wrt: ["x"] }).get("x") ?? "", { name: "dx", type: "float32", shape: [2, 2] });
    const session = await open(b.model);
    const { dx } = await session.run({ x: { dims: [2, 2], values: [0, 0.5, 1, 2] } });
    for (const [index, x] of [0, 0.5, 1, 2].entries()) expect(dx?.values[index]).toBeCloseTo(1 - Math.tanh(x) ** 2, 2);
    await session.close();
  });
});

describe("crossEntropy", () => {
  it("averages over the rows that count, and has a gradient of zero, not NaN, when none does", async () => {
    const b = builderWith("logits");
    b.input("labels", "int64", [2]);
    const loss = crossEntropy(b, { logits: "logits", labels: "labels" });
    b.output(loss, { name: "loss", type: "float32", shape: [] });
    b.output(appendGradients(b, { loss, wrt: ["logits"] }).get("logits") ?? "", { name: "gradient", type: "float32", shape: [2, 2] });
    const session = await open(b.model);
    const logits = { dims: [2, 2], values: [0, 0, 1, 5] };
    const counted = await session.run({ logits, labels: { dims: [2], values: [0, -100], type: "int64" } });
    expect(counted["loss"]?.values[0]).toBeCloseTo(Math.LN2, 6);
    expect(counted["gradient"]?.values.map((value) => value + 0)).toEqual([-0.5, 0.5, 0, 0]);
    const none = await session.run({ logits, labels: { dims: [2], values: [-100, -100], type: "int64" } });
    expect(none["gradient"]?.values.map(Math.abs)).toEqual([0, 0, 0, 0]);
    await session.close();
  });

  it("spreads a share of the truth over all classes, of the rows that count", async () => {
    const b = builderWith("logits");
    b.input("labels", "int64", [2]);
    const loss = crossEntropy(b, { logits: "logits", labels: "labels", smoothing: 0.2 });
    b.output(loss, { name: "loss", type: "float32", shape: [] });
    b.output(appendGradients(b, { loss, wrt: ["logits"] }).get("logits") ?? "", { name: "gradient", type: "float32", shape: [2, 2] });
    const session = await open(b.model);
    const logits = { dims: [2, 2], values: [0, 3, 1, 5] };
    const { loss: given, gradient } = await session.run({ logits, labels: { dims: [2], values: [1, -100], type: "int64" } });
    // The truth is 0.1 and 0.9; the gradient is softmax − truth.
    const right = 1 / (1 + Math.exp(-3));
    expect(given?.values[0]).toBeCloseTo(-0.1 * Math.log(1 - right) - 0.9 * Math.log(right), 5);
    for (const [index, value] of [0.9 - right, right - 0.9, 0, 0].entries()) expect(gradient?.values[index]).toBeCloseTo(value, 5);
    await session.close();
  });
});
