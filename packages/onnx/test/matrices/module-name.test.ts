import { createModel, floatTensor, GraphBuilder, matrices } from "@graft/onnx";
import { expect, test } from "vitest";

interface Era {
  readonly era: string;
  readonly initializer: string;
  readonly node: string;
  readonly bias?: string;
  readonly scopes?: string;
  readonly module: string;
}

test.each<Era>([
  {
    era: "torch 1.12",
    initializer: "302",
    node: "MatMul_27",
    bias: "distilbert.transformer.layer.0.attention.q_lin.bias",
    module: "distilbert.transformer.layer.0.attention.q_lin",
  },
  {
    era: "torch 1.13",
    initializer: "onnx::MatMul_636",
    node: "/encoder/layer.0/attention/self/query/MatMul",
    module: "encoder.layer.0.attention.self.query",
  },
  {
    era: "torch 1.13 with a bias",
    initializer: "onnx::MatMul_636",
    node: "/query_1/MatMul",
    bias: "encoder.query.bias",
    module: "encoder.query",
  },
  { era: "torch 1.13, Gemm", initializer: "classifier.weight", node: "/classifier/Gemm", bias: "classifier.bias", module: "classifier" },
  {
    era: "dynamo",
    initializer: "model.layers.0.self_attn.q_proj.weight",
    node: "node_linear_3",
    module: "model.layers.0.self_attn.q_proj",
  },
  {
    era: "dynamo, folded",
    initializer: "val_87",
    node: "node_MatMul_86",
    bias: "encoder.layer.0.attention.self.query.bias",
    module: "encoder.layer.0.attention.self.query",
  },
  {
    era: "dynamo, folded, no bias",
    initializer: "val_87",
    node: "node_MatMul_86",
    scopes: "['', 'network', 'network.0', 'linear']",
    module: "network.0",
  },
  {
    era: "genai",
    initializer: "model.layers.0.attn.q_proj.MatMul.weight",
    node: "/model/layers.0/attn/q_proj/MatMul",
    module: "model.layers.0.attn.q_proj",
  },
  {
    era: "ORT optimizer",
    initializer: "transformer.h.0.mlp.c_fc.weight",
    node: "FullyConnect_MatMul_0",
    module: "transformer.h.0.mlp.c_fc",
  },
  {
    era: "ORT optimizer, fused after a scope",
    initializer: "onnx::MatMul_9",
    node: "/encoder/query/MatMul/MatMulAddFusion",
    module: "encoder.query",
  },
  { era: "ORT optimizer, packed attention", initializer: "Attention_0_qkv_weight", node: "Attention_0", module: "Attention_0_qkv_weight" },
  { era: "nothing at all", initializer: "17", node: "", module: "17" },
])("$era: $initializer of $node is $module", ({ initializer, node, bias, scopes, module }) => {
  const builder = new GraphBuilder(createModel({ name: "names" }));
  builder.input("x", "float32", ["batch", 2]);
  builder.initializer(floatTensor(initializer, [2, 3], new Float32Array(6)));
  const product = builder.op("MatMul", ["x", initializer], { name: node });
  const added = builder.graph.node.at(-1);
  if (added !== undefined) added.name = node;
  if (scopes !== undefined)
    added?.metadataProps.push({ $typeName: "onnx.StringStringEntryProto", key: "pkg.torch.onnx.name_scopes", value: scopes });
  if (bias !== undefined) builder.op("Add", [product, builder.initializer(floatTensor(bias, [3], [1, 2, 3]))]);
  expect(matrices(builder.model)[0]?.module).toBe(module);
});
