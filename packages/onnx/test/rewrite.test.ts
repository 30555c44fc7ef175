import { createModel, floatTensor, GraphBuilder, pruneModel, readValues, replaceUses, sortTopologically, valueInfo } from "@graft/onnx";
import { GraftError } from "@graft/error";
import { expect, test } from "vitest";

function chain(): GraphBuilder {
  const builder = new GraphBuilder(createModel({ name: "chain" }));
  builder.input("x", "float32", [2]);
  return builder;
}

test("replacing a value changes every reader, branches included", () => {
  const builder = chain();
  const branch = new GraphBuilder(createModel({ name: "branch" }), { prefix: "inner_" });
  branch.op("Neg", ["x"]);
  builder.op("Add", ["x", "x"]);
  builder.op("If", ["x"], { attributes: { then_branch: branch.graph } });
  replaceUses(builder.graph, "x", "z");
  expect(builder.graph.node.map(readValues)).toEqual([
    ["z", "z"],
    ["z", "z"],
  ]);
});

test("pruning keeps what an output needs and drops the rest", () => {
  const builder = chain();
  const kept = builder.initializer(floatTensor("kept", [2], [1, 2]));
  const dropped = builder.initializer(floatTensor("dropped", [2], [1, 2]));
  const dead = builder.op("Add", ["x", dropped]);
  builder.op("Relu", [dead]);
  const live = builder.op("Add", ["x", kept]);
  builder.output(live, { type: "float32", shape: [2] });
  builder.graph.valueInfo.push(valueInfo(dead, "float32", [2]), valueInfo(live, "float32", [2]));
  pruneModel(builder.model);
  expect(builder.graph.node.map(({ output }) => output)).toEqual([[live]]);
  expect(builder.graph.initializer.map(({ name }) => name)).toEqual(["kept"]);
  expect(builder.graph.valueInfo.map(({ name }) => name)).toEqual([live]);
});

test("pruning keeps what only a branch needs", () => {
  const builder = chain();
  const outer = builder.op("Relu", ["x"]);
  const branch = new GraphBuilder(createModel({ name: "branch" }), { prefix: "inner_" });
  branch.op("Neg", [outer]);
  builder.output(builder.op("If", ["x"], { attributes: { then_branch: branch.graph } }), { type: "float32", shape: [2] });
  pruneModel(builder.model);
  expect(builder.graph.node.map(({ opType }) => opType)).toEqual(["Relu", "If"]);
});

test("sorting puts every node after its sources and leaves an order that is right", () => {
  const builder = chain();
  let value = "x";
  for (let step = 0; step < 20_000; step++) value = builder.op("Relu", [value]);
  const right = builder.graph.node.map(({ name }) => name);
  sortTopologically(builder.graph);
  expect(builder.graph.node.map(({ name }) => name)).toEqual(right);
  builder.graph.node.reverse();
  sortTopologically(builder.graph);
  expect(builder.graph.node.map(({ name }) => name)).toEqual(right);
});

test("a cycle is refused by the name of a node on it", () => {
  const builder = chain();
  builder.op("Add", ["x", "b"], { name: "first", outputs: ["a"] });
  builder.op("Relu", ["a"], { name: "second", outputs: ["b"] });
  expect(() => sortTopologically(builder.graph)).toThrow(GraftError);
  expect(() => sortTopologically(builder.graph)).toThrow(/"(first|second)".* depends on its own output/);
});
