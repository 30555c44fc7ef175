import { createModel, foldConstants, GraphBuilder, type ModelProto, valueInfo } from "@graft/onnx";
import * as ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { observeValues } from "./shapes/observe.ts";

function build(fill: (builder: GraphBuilder) => void): ModelProto {
  const model = createModel({ name: "graph" });
  fill(new GraphBuilder(model));
  return model;
}

const operators = (model: ModelProto): string[] => (model.graph?.node ?? []).map((node) => node.opType);
const initializers = (model: ModelProto): string[] => (model.graph?.initializer ?? []).map((tensor) => tensor.name).sort();

/** Reshapes [rows, 4, 6] by a shape that is computed from it; the row count may be a symbol. */
function reshaping(rows: number | string): ModelProto {
  return build((builder) => {
    const x = builder.input("x", "float32", [rows, 4, 6]);
    const half = builder.op("Div", [builder.op("Gather", [builder.op("Shape", [x]), builder.int([2])]), builder.int([2])]);
    const shape = builder.op("Concat", [builder.op("Shape", [x], { attributes: { end: 1 } }), half, builder.int([-1])], {
      attributes: { axis: 0 },
      outputs: ["shape"],
    });
    builder.output(builder.op("Reshape", [x, shape], { outputs: ["y"] }), { type: "float32", shape: [rows, 3, 8] });
  });
}

describe("foldConstants", () => {
  test("leaves an initializer where a shape is known, and nothing of the way there", async () => {
    const model = reshaping(5);
    const x = new ort.Tensor(
      "float32",
      Float32Array.from({ length: 120 }, (_, index) => index),
      [5, 4, 6],
    );
    const before = await observeValues(model, { x });
    model.graph?.valueInfo.push(valueInfo("Gather_output", "int64", [1]));
    const report = foldConstants(model);
    expect(operators(model)).toEqual(["Reshape"]);
    expect(initializers(model)).toEqual(["shape"]);
    expect(report.folded).toEqual(["shape"]);
    expect(report.removed).toHaveLength(5);
    expect(model.graph?.valueInfo).toEqual([]);
    expect(report.dropped).toHaveLength(2);
    const after = await observeValues(model, { x });
    expect(after.get("y")?.dims).toEqual([5, 3, 8]);
    expect(after.get("y")?.data).toEqual(before.get("y")?.data);
  });

  test("folds the known part of a shape that has symbols", () => {
    const model = reshaping("batch");
    foldConstants(model);
    expect(operators(model)).toEqual(["Shape", "Concat", "Reshape"]);
  });

  test("leaves weights alone, constant or not", () => {
    const model = build((builder) => {
      const x = builder.input("x", "float32", ["batch", 2]);
      const weight = builder.op("Transpose", [builder.float([1, 2, 3, 4], [2, 2])], { attributes: { perm: [1, 0] } });
      builder.output(builder.op("MatMul", [x, builder.op("Mul", [weight, builder.float(2)])]), { type: "float32", shape: ["batch", 2] });
    });
    expect(foldConstants(model)).toEqual({ folded: [], removed: [], dropped: [] });
    expect(operators(model)).toEqual(["Transpose", "Mul", "MatMul"]);
  });

  test("keeps a node whose result the graph gives out", () => {
    const model = build(
      (builder) => void builder.output(builder.op("Add", [builder.int([1]), builder.int([2])]), { type: "int64", shape: [1] }),
    );
    expect(foldConstants(model).folded).toEqual([]);
  });

  test("keeps what a branch reads from around it", () => {
    const branch = (name: string, fill: (builder: GraphBuilder) => string): ModelProto => {
      const model = createModel({ name });
      const builder = new GraphBuilder(model, { prefix: `${name}_` });
      builder.output(fill(builder), { type: "int64", shape: [1] });
      return model;
    };
    const model = build((builder) => {
      const condition = builder.input("condition", "bool", []);
      const sum = builder.op("Add", [builder.int([1]), builder.int([2])], { outputs: ["sum"] });
      const then = branch("then", (inner) => inner.op("Neg", [sum])).graph;
      const otherwise = branch("else", (inner) => inner.op("Identity", [sum])).graph;
      if (then === undefined || otherwise === undefined) return;
      builder.output(builder.op("If", [condition], { attributes: { then_branch: then, else_branch: otherwise } }), {
        type: "int64",
        shape: [1],
      });
    });
    expect(foldConstants(model).folded).toEqual(["sum"]);
    expect(initializers(model)).toEqual(["sum"]);
    expect(operators(model)).toEqual(["If"]);
  });

  test("does not fold an integer that JavaScript cannot hold exactly", () => {
    const model = build((builder) => {
      const large = builder.int([2 ** 53]);
      builder.output(builder.op("Identity", [builder.op("Add", [large, builder.int([1])])]), { type: "int64", shape: [1] });
    });
    expect(foldConstants(model).folded).toEqual([]);
  });
});
