import { type AttributeValue, createModel, floatTensor, GraphBuilder, matrices, rawTensor, type TensorProto } from "@graft/onnx";
import { expect, test } from "vitest";

const IN = 2;
const OUT = 3;

function graph(): GraphBuilder {
  const builder = new GraphBuilder(createModel({ name: "matrices" }));
  builder.input("x", "float32", ["batch", IN]);
  return builder;
}

function weight(dims: readonly number[]): TensorProto {
  return floatTensor("w.weight", dims, new Float32Array(dims.reduce((product, dim) => product * dim, 1)));
}

interface Case {
  readonly name: string;
  readonly dims: readonly number[];
  readonly want: { orientation: string; in: number; out: number };
  /** Between the initializer and the operator. */
  readonly through?: readonly { op: string; attributes?: Record<string, AttributeValue> }[];
  readonly op?: string;
  readonly domain?: string;
  readonly attributes?: Record<string, AttributeValue>;
}

const IN_OUT = { orientation: "in_out", in: IN, out: OUT };
const OUT_IN = { orientation: "out_in", in: IN, out: OUT };
const TRANSPOSE = { op: "Transpose", attributes: { perm: [1, 0] } };

test.each<Case>([
  { name: "MatMul", dims: [IN, OUT], want: IN_OUT },
  { name: "MatMul of a transpose", dims: [OUT, IN], through: [TRANSPOSE], want: OUT_IN },
  { name: "MatMul of a transpose without perm", dims: [OUT, IN], through: [{ op: "Transpose" }], want: OUT_IN },
  { name: "MatMul of two transposes", dims: [IN, OUT], through: [TRANSPOSE, TRANSPOSE], want: IN_OUT },
  {
    name: "MatMul of an Identity of a Cast of a transpose",
    dims: [OUT, IN],
    through: [TRANSPOSE, { op: "Cast", attributes: { to: 1 } }, { op: "Identity" }],
    want: OUT_IN,
  },
  { name: "Gemm", op: "Gemm", dims: [IN, OUT], want: IN_OUT },
  { name: "Gemm with transB", op: "Gemm", attributes: { transB: 1 }, dims: [OUT, IN], want: OUT_IN },
  { name: "Gemm with transB of a transpose", op: "Gemm", attributes: { transB: 1 }, through: [TRANSPOSE], dims: [IN, OUT], want: IN_OUT },
  { name: "FusedMatMul with transB", op: "FusedMatMul", domain: "com.microsoft", attributes: { transB: 1 }, dims: [OUT, IN], want: OUT_IN },
  {
    name: "fused Attention",
    op: "Attention",
    domain: "com.microsoft",
    dims: [IN, 3 * OUT],
    want: { orientation: "in_out", in: IN, out: 3 * OUT },
  },
  { name: "Conv", op: "Conv", dims: [OUT, IN, 2, 2], want: { orientation: "out_in", in: IN * 4, out: OUT } },
])("$name tells how its weight lies", ({ dims, through = [], op = "MatMul", domain = "", attributes = {}, want }) => {
  const builder = graph();
  const stored = builder.initializer(weight(dims));
  const value = through.reduce((name, step) => builder.op(step.op, [name], { attributes: step.attributes ?? {} }), stored);
  const output = builder.op(op, ["x", value], { domain, attributes });
  expect(matrices(builder.model)).toMatchObject([{ initializer: "w.weight", module: "w", operator: op, input: "x", output, ...want }]);
});

test("an embedding table is read by Gather, one row per id", () => {
  const builder = graph();
  builder.op("Gather", [builder.initializer(weight([5, OUT])), "x"]);
  expect(matrices(builder.model)).toMatchObject([{ operator: "Gather", orientation: "in_out", in: 5, out: OUT, input: "x" }]);
});

test("a weight in a Constant node is found under the value's name", () => {
  const builder = graph();
  const value = builder.op("Constant", [], {
    name: "/encoder/query/Constant",
    attributes: { value: floatTensor("", [IN, OUT], new Float32Array(IN * OUT)) },
  });
  builder.op("MatMul", ["x", value], { name: "/encoder/query/MatMul" });
  expect(matrices(builder.model)).toMatchObject([{ initializer: value, module: "encoder.query", ...IN_OUT }]);
});

test("a shared weight appears once per use", () => {
  const builder = graph();
  const table = builder.initializer(weight([OUT, IN]));
  builder.op("Gather", [table, "x"]);
  builder.op("MatMul", ["x", builder.op("Transpose", [table], { attributes: { perm: [1, 0] } })]);
  expect(matrices(builder.model).map(({ operator, orientation, initializer }) => [operator, orientation, initializer])).toEqual([
    ["Gather", "in_out", "w.weight"],
    ["MatMul", "out_in", "w.weight"],
  ]);
});

test("integers, vectors, products of activations and rows of another axis are no matrices", () => {
  const builder = graph();
  builder.op("MatMul", ["x", builder.op("Transpose", ["x"], { attributes: { perm: [1, 0] } })]);
  builder.op("Gather", [builder.initializer(rawTensor("positions", { type: "int64", dims: [1, 4], bytes: new Uint8Array(32) })), "x"]);
  builder.op("Gather", [builder.initializer(weight([5, OUT])), "x"], { attributes: { axis: 1 } });
  builder.op("MatMul", ["x", builder.initializer(floatTensor("v", [IN], [1, 2]))]);
  builder.op("Add", ["x", builder.initializer(floatTensor("mask", [1, IN], [1, 2]))]);
  expect(matrices(builder.model)).toEqual([]);
});

test("the bias is the vector that the operator or an Add after it adds", () => {
  const builder = graph();
  const bias = builder.initializer(floatTensor("a.query.bias", [OUT], [1, 2, 3]));
  const product = builder.op("MatMul", ["x", builder.initializer(floatTensor("onnx::MatMul_7", [IN, OUT], new Float32Array(IN * OUT)))]);
  builder.op("Add", [bias, product]);
  const own = builder.initializer(floatTensor("b.bias", [OUT], [1, 2, 3]));
  builder.op("Gemm", ["x", builder.initializer(floatTensor("302", [IN, OUT], new Float32Array(IN * OUT))), own]);
  builder.op("Add", [builder.op("MatMul", ["x", builder.initializer(weight([IN, OUT]))]), "x"]);
  expect(matrices(builder.model).map(({ module, bias: found }) => [module, found])).toEqual([
    ["a.query", { initializer: "a.query.bias", module: "a.query" }],
    ["b", { initializer: "b.bias", module: "b" }],
    ["w", undefined],
  ]);
});

test("a bias that others use too does not name a weight: equal vectors may be stored once", () => {
  const builder = graph();
  const zeros = builder.initializer(floatTensor("norm.bias", [IN], new Float32Array(IN)));
  const layer = (name: string, from: string): string => {
    const stored = builder.initializer(floatTensor(`onnx::MatMul_${name}`, [IN, IN], new Float32Array(IN * IN)));
    const output = builder.op("MatMul", [from, stored]);
    const node = builder.model.graph?.node.at(-1);
    if (node !== undefined) node.name = `/layer/${name}/MatMul`;
    return builder.op("Add", [output, zeros]);
  };
  layer("key", layer("query", "x"));
  expect(matrices(builder.model).map(({ module }) => module)).toEqual(["layer.query", "layer.key"]);
});
