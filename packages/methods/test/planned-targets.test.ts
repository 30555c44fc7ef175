import { planAdapter } from "@graft/methods";
import { createModel, floatTensor, GraphBuilder, type ModelProto } from "@graft/onnx";
import { expect, test } from "vitest";

/** Two dense layers, one after the other, whose nodes an exporter called the same. */
function network(second: Float32Array): ModelProto {
  const model = createModel({ name: "test", opset: 18 });
  const builder = new GraphBuilder(model);
  let value = builder.input("x", "float32", ["rows", 3]);
  for (const [index, values] of [Float32Array.from({ length: 9 }, (_, at) => at), second].entries()) {
    builder.initializer(floatTensor(`onnx::MatMul_${index}`, [3, 3], values));
    value = builder.op("MatMul", [value, `onnx::MatMul_${index}`], { name: `/block/dense/MatMul${index === 0 ? "" : "_1"}` });
  }
  builder.output(value, { name: "y", type: "float32", shape: ["rows", 3] });
  return model;
}

const task = { type: "tensors", objective: "numbers", labels: [] } as const;
const plan = (model: ModelProto, name: "lora" | "full") =>
  planAdapter({ model, hiddenSize: 3 }, { method: name === "lora" ? { name, targets: "dense", rank: 1 } : { name }, task });

test.each(["lora", "full"] as const)("%s refuses two matrices of one name", (name) => {
  expect(() => plan(network(new Float32Array(9)), name)).toThrow(
    expect.objectContaining({
      code: "ONNX_UNSUPPORTED",
      message: 'Cannot adapt "block.dense": the model has two matrices of this name',
    }),
  );
});

test("a weight that an exporter stored once for each use is one target with several sites", () => {
  const { targets } = plan(network(Float32Array.from({ length: 9 }, (_, at) => at)), "lora");
  expect(targets.map(({ module, sites }) => [module, sites.length])).toEqual([["block.dense", 2]]);
});
