import { createModel, GraphBuilder } from "@graft/onnx";
import { crossEntropy } from "@graft/autodiff";
import { numbers, type Value } from "./execute.ts";

/** A small BERT: sizes, and its weights, which are graph inputs named as in transformers. Linear weights are [in, out]. */
export const BERT = { vocabulary: 300, positions: 12, hidden: 16, heads: 2, inner: 24, layers: 2, classes: 3 } as const;

/** Weights that are the same in every run. */
export function bertWeights(): Record<string, Value> {
  const { vocabulary, positions, hidden, inner, layers, classes } = BERT;
  const shapes: Record<string, readonly number[]> = {
    word: [vocabulary, hidden],
    position: [positions, hidden],
    type: [2, hidden],
    "norm.weight": [hidden],
    "norm.bias": [hidden],
  };
  const linear = (name: string, from: number, to: number): void =>
    void Object.assign(shapes, { [`${name}.weight`]: [from, to], [`${name}.bias`]: [to] });
  for (let layer = 0; layer < layers; layer++) {
    for (const name of ["query", "key", "value", "output"]) linear(`${layer}.${name}`, hidden, hidden);
    linear(`${layer}.up`, hidden, inner);
    linear(`${layer}.down`, inner, hidden);
    for (const name of ["attention.norm", "norm"])
      Object.assign(shapes, { [`${layer}.${name}.weight`]: [hidden], [`${layer}.${name}.bias`]: [hidden] });
  }
  linear("pooler", hidden, hidden);
  linear("classifier", hidden, classes);
  return Object.fromEntries(
    Object.entries(shapes).map(([name, dims], index) => {
      const centre = name.endsWith("norm.weight") ? 1 : 0;
      const count = dims.reduce((product, dim) => product * dim, 1);
      return [name, { dims, values: numbers(count, { seed: index + 1, low: centre - 0.4, high: centre + 0.4 }) }];
    }),
  );
}

/** The graph of the loss, written as exporters write it. Gives the name of the loss. */
export function bertGraph(weights: Readonly<Record<string, Value>>): { builder: GraphBuilder; loss: string } {
  const b = new GraphBuilder(createModel({ name: "bert", opset: 18 }));
  const { hidden, heads, layers } = BERT;
  const size = hidden / heads;
  for (const name of ["input_ids", "token_type_ids", "attention_mask"]) b.input(name, "int64", ["batch", "sequence"]);
  b.input("labels", "int64", ["batch"]);
  for (const [name, { dims }] of Object.entries(weights)) b.input(name, "float32", dims);

  const linear = (x: string, name: string): string => b.op("Add", [b.op("MatMul", [x, `${name}.weight`]), `${name}.bias`], { name });
  const norm = (x: string, name: string): string => b.op("LayerNormalization", [x, `${name}.weight`, `${name}.bias`]);
  const split = (x: string, perm: readonly number[]): string =>
    b.op("Transpose", [b.op("Reshape", [x, b.int([0, 0, heads, size])])], { attributes: { perm } });
  const gelu = (x: string): string => {
    const erf = b.op("Erf", [b.op("Div", [x, b.float(Math.SQRT2)])]);
    return b.op("Mul", [b.op("Mul", [x, b.op("Add", [erf, b.float(1)])]), b.float(0.5)]);
  };

  const length = b.op("Gather", [b.op("Shape", ["input_ids"]), b.int(1)]);
  const position = b.op("Gather", ["position", b.op("Range", [b.int(0), length, b.int(1)])]);
  const words = b.op("Add", [b.op("Gather", ["word", "input_ids"]), b.op("Gather", ["type", "token_type_ids"])]);
  let x = norm(b.op("Add", [words, position]), "norm");
  const mask = b.op("Unsqueeze", [b.op("Cast", ["attention_mask"], { attributes: { to: 1 } }), b.int([1, 2])]);
  const penalty = b.op("Mul", [b.op("Sub", [b.float(1), mask]), b.float(-1e4)]);
  for (let layer = 0; layer < layers; layer++) {
    const query = split(linear(x, `${layer}.query`), [0, 2, 1, 3]);
    const key = split(linear(x, `${layer}.key`), [0, 2, 3, 1]);
    const value = split(linear(x, `${layer}.value`), [0, 2, 1, 3]);
    const scores = b.op("Div", [b.op("MatMul", [query, key]), b.float(Math.sqrt(size))]);
    const context = b.op("MatMul", [b.op("Softmax", [b.op("Add", [scores, penalty])], { attributes: { axis: -1 } }), value]);
    const joined = b.op("Reshape", [b.op("Transpose", [context], { attributes: { perm: [0, 2, 1, 3] } }), b.int([0, 0, hidden])]);
    x = norm(b.op("Add", [linear(joined, `${layer}.output`), x]), `${layer}.attention.norm`);
    x = norm(b.op("Add", [linear(gelu(linear(x, `${layer}.up`)), `${layer}.down`), x]), `${layer}.norm`);
  }
  const pooled = b.op("Tanh", [b.op("Gemm", [b.op("Gather", [x, b.int(0)], { attributes: { axis: 1 } }), "pooler.weight", "pooler.bias"])]);
  const logits = b.op("Gemm", [pooled, "classifier.weight", "classifier.bias"]);
  return { builder: b, loss: crossEntropy(b, { logits, labels: "labels" }) };
}

/** A batch with padding and an ignored row. */
export function bertBatch(): Record<string, Value> {
  const dims = [3, 6];
  const ints = (values: readonly number[], shape: readonly number[] = dims): Value => ({ dims: shape, values, type: "int64" });
  return {
    input_ids: ints([5, 7, 7, 2, 0, 0, 299, 5, 1, 2, 3, 4, 8, 8, 8, 0, 0, 0]),
    token_type_ids: ints([0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]),
    attention_mask: ints([1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0]),
    labels: ints([2, 0, -100], [3]),
  };
}
