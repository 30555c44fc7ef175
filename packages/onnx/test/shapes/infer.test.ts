import { create } from "@bufbuild/protobuf";
import { createModel, GraphBuilder, inferShapes, type ModelProto, type NodeProto, valueInfo } from "@graft/onnx";
import { expect, test } from "vitest";
import { FunctionProtoSchema } from "../../src/proto/onnx_pb.ts";

function build(fill: (builder: GraphBuilder) => string): { model: ModelProto; output: string } {
  const model = createModel({ name: "graph" });
  return { model, output: fill(new GraphBuilder(model)) };
}

/** Splits [batch, sequence, hidden] into heads with the shape arithmetic of exporters. */
function splitHeads(builder: GraphBuilder): string {
  const x = builder.input("x", "float32", ["batch", "sequence", 384]);
  const sizes = [0, 1].map((axis) => {
    const size = builder.op("Gather", [builder.op("Shape", [x]), builder.int(axis)]);
    return builder.op("Unsqueeze", [size, builder.int([0])]);
  });
  return builder.op("Reshape", [x, builder.op("Concat", [...sizes, builder.int([-1]), builder.int([32])], { attributes: { axis: 0 } })]);
}

test("shapes computed in the graph come out symbolic", () => {
  const { model, output } = build((builder) => builder.op("Transpose", [splitHeads(builder)], { attributes: { perm: [0, 2, 1, 3] } }));
  expect(inferShapes(model).get(output)).toEqual({ type: 1, shape: ["batch", 12, "sequence", 32] });
});

test("the expand of TorchScript exports, which asks whether a size is -1, comes out symbolic", () => {
  const { model, output } = build((builder) => {
    const mask = builder.input("mask", "int64", ["batch", "sequence"]);
    const shape = builder.op("Shape", [mask]);
    const wanted = builder.op(
      "Concat",
      [
        builder.op("Gather", [shape, builder.int([0])]),
        builder.int([1]),
        builder.int([-1]),
        builder.op("Gather", [shape, builder.int([1])]),
      ],
      { attributes: { axis: 0 } },
    );
    const ones = builder.op("ConstantOfShape", [builder.op("Shape", [wanted])]);
    const filled = builder.op("Where", [
      builder.op("Equal", [wanted, builder.int(-1)]),
      builder.op("Cast", [ones], { attributes: { to: 7 } }),
      wanted,
    ]);
    return builder.op("Shape", [builder.op("Expand", [builder.op("Unsqueeze", [mask, builder.int([1, 2])]), filled])]);
  });
  expect(inferShapes(model).get(output)?.shape).toEqual([4]);
});

test("inputs can be given sizes", () => {
  const { model, output } = build(splitHeads);
  expect(inferShapes(model, { inputs: { x: { type: 1, shape: [2, 7, 384] } } }).get(output)?.shape).toEqual([2, 7, 12, 32]);
});

test("what the file says is used where there is no rule, and only there", () => {
  const { model } = build((builder) => {
    const x = builder.input("x", "float32", ["batch", 4]);
    builder.op("Mystery", [x], { domain: "custom", outputs: ["unruled"] });
    return builder.op("Relu", ["unruled"], { outputs: ["ruled"] });
  });
  const graph = model.graph;
  expect(inferShapes(model).get("ruled")).toEqual({ type: 0, shape: undefined });
  graph?.valueInfo.push(valueInfo("unruled", "float32", ["batch", 9]), valueInfo("ruled", "int64", [1]));
  expect(inferShapes(model).get("ruled")).toEqual({ type: 1, shape: ["batch", 9] });
});

test("a function of the model is what its nodes are, with the attributes of the call", () => {
  const { model, output } = build((builder) =>
    builder.op("Widen", [builder.input("x", "float32", ["batch", 4])], { domain: "local", attributes: { axis: 1 } }),
  );
  const inner = build((builder) => builder.op("Concat", ["given", "given"], { attributes: { axis: 0 }, outputs: ["result"] })).model.graph
    ?.node as NodeProto[];
  const [attribute] = inner[0]?.attribute ?? [];
  if (attribute !== undefined) attribute.refAttrName = "axis";
  model.functions.push(
    create(FunctionProtoSchema, {
      domain: "local",
      name: "Widen",
      input: ["given"],
      output: ["result"],
      attribute: ["axis"],
      node: inner,
      opsetImport: [{ domain: "", version: 18n }],
    }),
  );
  expect(inferShapes(model).get(output)).toEqual({ type: 1, shape: ["batch", 8] });
});

test("a function that calls itself is left unknown", () => {
  const { model, output } = build((builder) => builder.op("Again", [builder.input("x", "float32", [4])], { domain: "local" }));
  const inner = build((builder) => builder.op("Again", ["given"], { domain: "local", outputs: ["result"] })).model.graph
    ?.node as NodeProto[];
  model.functions.push(create(FunctionProtoSchema, { domain: "local", name: "Again", input: ["given"], output: ["result"], node: inner }));
  expect(inferShapes(model).get(output)).toEqual({ type: 0, shape: undefined });
});

test("an initializer that a caller may override has no known value", () => {
  const { model, output } = build((builder) => builder.op("Reshape", [builder.input("x", "float32", [6]), builder.int([2, 3])]));
  expect(inferShapes(model).get(output)?.shape).toEqual([2, 3]);
  model.graph?.input.push(valueInfo("constant", "int64", [2]));
  expect(inferShapes(model).get(output)?.shape).toEqual(["unknown_0", "unknown_1"]);
});

test("a node that does not fit its inputs is named", () => {
  const { model } = build((builder) =>
    builder.op("Slice", [builder.input("x", "float32", ["batch"]), builder.int([0]), builder.int([1]), builder.int([5])]),
  );
  expect(() => inferShapes(model)).toThrow('node "Slice" (Slice) does not fit its inputs: axis 5 of 1 dimensions');
});

test("functions that call functions twice do not multiply without end", () => {
  const { model, output } = build((builder) => builder.op("Level0", [builder.input("x", "float32", [4])], { domain: "local" }));
  for (let level = 0; level < 30; level++) {
    const node = build((builder) =>
      builder.op(
        "Add",
        [0, 1].map(() => builder.op(`Level${level + 1}`, ["given"], { domain: "local" })),
        { outputs: ["result"] },
      ),
    ).model.graph?.node;
    model.functions.push(
      create(FunctionProtoSchema, { domain: "local", name: `Level${level}`, input: ["given"], output: ["result"], node: node ?? [] }),
    );
  }
  expect(inferShapes(model).get(output)?.shape).toBeUndefined();
});

test("a symbol in the file is never mistaken for one that inference makes up", () => {
  const { model, output } = build((builder) => builder.op("NonZero", [builder.input("x", "float32", ["unknown_0", "unknown_1"])]));
  expect(inferShapes(model).get(output)?.shape).toEqual([2, "unknown_2"]);
});

test("an operator named like a property of every object is unknown", () => {
  const { model, output } = build((builder) => builder.op("constructor", [builder.input("x", "float32", [4])]));
  expect(inferShapes(model).get(output)).toEqual({ type: 0, shape: undefined });
});

test("10,000 nodes take well under a second", () => {
  const { model, output } = build((builder) => {
    let x = splitHeads(builder);
    const like = x;
    for (let count = 0; count < 2_500; count++) {
      const shape = builder.op("Concat", [builder.op("Shape", [x], { attributes: { end: 2 } }), builder.int([12]), builder.int([-1])], {
        attributes: { axis: 0 },
      });
      x = builder.op("Add", [builder.op("Reshape", [x, shape]), like]);
    }
    return x;
  });
  const start = performance.now();
  expect(inferShapes(model).get(output)?.shape).toEqual(["batch", "sequence", 12, 32]);
  expect(performance.now() - start).toBeLessThan(1_000);
});
