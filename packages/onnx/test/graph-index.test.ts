import { createModel, Float, floatTensor, GraphBuilder, GraphIndex } from "@graft/onnx";
import { expect, test } from "vitest";

function graph(): GraphBuilder {
  const builder = new GraphBuilder(createModel({ name: "index" }));
  builder.input("x", "float32", ["batch", 2]);
  return builder;
}

test("a value knows who makes it and who reads it", () => {
  const builder = graph();
  const doubled = builder.op("Add", ["x", "x"]);
  builder.output(builder.op("Relu", [doubled]), { name: "y", type: "float32", shape: ["batch", 2] });
  const index = new GraphIndex(builder.graph);
  expect(index.producer("x")).toBeUndefined();
  expect(index.producer(doubled)?.opType).toBe("Add");
  expect(index.consumers("x").map(({ node, input }) => [node.opType, input])).toEqual([
    ["Add", 0],
    ["Add", 1],
  ]);
  expect(index.consumers(doubled).map(({ node }) => node.opType)).toEqual(["Relu"]);
  expect([...index.outputs]).toEqual(["y"]);
});

test("initializers and every form of Constant node are one thing", () => {
  const builder = graph();
  const values = {
    initializer: builder.initializer(floatTensor("w", [1], [3])),
    value: builder.op("Constant", [], { attributes: { value: floatTensor("", [1], [3]) } }),
    value_float: builder.op("Constant", [], { attributes: { value_float: new Float(3) } }),
    value_floats: builder.op("Constant", [], { attributes: { value_floats: [new Float(3)] } }),
    value_int: builder.op("Constant", [], { attributes: { value_int: 3 } }),
    value_ints: builder.op("Constant", [], { attributes: { value_ints: [3] } }),
    value_string: builder.op("Constant", [], { attributes: { value_string: "three" } }),
  };
  const index = new GraphIndex(builder.graph);
  const dims = Object.fromEntries(Object.entries(values).map(([form, name]) => [form, index.constant(name)?.dims]));
  expect(dims).toEqual({
    initializer: [1n],
    value: [1n],
    value_float: [],
    value_floats: [1n],
    value_int: [],
    value_ints: [1n],
    value_string: undefined,
  });
  expect(index.constant("x")).toBeUndefined();
});

test("what a branch reads from around it counts as read", () => {
  const builder = graph();
  const outer = builder.op("Relu", ["x"]);
  const branch = new GraphBuilder(createModel({ name: "branch" }), { prefix: "inner_" });
  branch.op("Neg", [outer]);
  builder.op("If", [builder.op("Constant", [], { attributes: { value_int: 1 } })], { attributes: { then_branch: branch.graph } });
  const [use] = new GraphIndex(builder.graph).consumers(outer);
  expect(use?.node.opType).toBe("Neg");
});
