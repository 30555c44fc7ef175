import {
  cloneModel,
  createModel,
  encodeModel,
  Float,
  floatTensor,
  GraphBuilder,
  inferShapes,
  lowerFused,
  type ModelProto,
  modelWeights,
} from "@graft/onnx";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";

/** An output of the node that the graph does not give on. */
const UNREAD = "unread";
const [BATCH, LENGTH, WIDTH, HEADS] = [2, 3, 8, 2];

type Attributes = Readonly<Record<string, number | Float | readonly number[]>>;
/** Dimensions of an input, or the values of an int32 one. */
type Inputs = Readonly<Record<string, readonly number[] | { readonly dims: readonly number[]; readonly ints: readonly number[] }>>;

interface Case {
  readonly opType: string;
  readonly inputs: Inputs;
  /** Dimensions of constants. */
  readonly constants?: Readonly<Record<string, readonly number[]>>;
  /** Names of the node's inputs in order; "" leaves one out. */
  readonly order: readonly string[];
  readonly outputs?: readonly string[];
  readonly attributes?: Attributes;
}

const numbers = (dims: readonly number[], seed: number): Float32Array =>
  Float32Array.from({ length: dims.reduce((product, dim) => product * dim, 1) }, (_, index) => Math.sin(index * 1.3 + seed));

function build({ opType, inputs, constants = {}, order, outputs = ["result"], attributes = {} }: Case): ModelProto {
  const builder = new GraphBuilder(createModel({ name: "fused", opset: 17 }));
  builder.model.opsetImport.push({
    ...(builder.model.opsetImport[0] as ModelProto["opsetImport"][number]),
    domain: "com.microsoft",
    version: 1n,
  });
  for (const [name, value] of Object.entries(inputs)) {
    const ints = "ints" in value;
    const dims = ints ? value.dims : value;
    builder.input(
      name,
      ints ? "int32" : "float32",
      dims.map((dim, axis) => (axis === 0 && dim === BATCH ? "batch" : dim)),
    );
  }
  for (const [seed, [name, dims]] of Object.entries(constants).entries()) builder.initializer(floatTensor(name, dims, numbers(dims, seed)));
  builder.ops(opType, order, {
    name: "fused",
    domain: "com.microsoft",
    attributes,
    outputs: outputs.map((name) => `raw_${name}`),
  });
  for (const name of outputs.filter((output) => output !== UNREAD))
    builder.output(`raw_${name}`, { name, type: name === "counts" ? "int32" : "float32", shape: [] });
  for (const output of builder.graph.output) output.type = undefined as never;
  return builder.model;
}

async function run(model: ModelProto, { inputs }: Case): Promise<Record<string, readonly number[]>> {
  const session = await InferenceSession.create(encodeModel(model), {
    logSeverityLevel: 3,
    graphOptimizationLevel: "disabled",
    intraOpNumThreads: 1,
  });
  const feeds = Object.entries(inputs).map(([name, value], seed) =>
    "ints" in value
      ? ([name, new Tensor("int32", Int32Array.from(value.ints), [...value.dims])] as const)
      : ([name, new Tensor("float32", numbers(value, seed + 7), [...value])] as const),
  );
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, Array.from(data as Float32Array, Number)]));
}

const lowered = (model: ModelProto): Promise<string[]> =>
  lowerFused(
    model,
    modelWeights(model, () => Promise.reject(new TypeError("no files"))),
  );

const x = [BATCH, LENGTH, WIDTH];
const attention = (extra: Partial<Case> & { order?: readonly string[] } = {}): Case => ({
  opType: "Attention",
  constants: { weight: [WIDTH, 3 * WIDTH], bias: [3 * WIDTH], ...extra.constants },
  order: extra.order ?? ["x", "weight", "bias"],
  inputs: { x, ...extra.inputs },
  attributes: { num_heads: HEADS, ...extra.attributes },
});
const lengths = { dims: [BATCH], ints: [3, 2] };
const seen = { dims: [BATCH, LENGTH], ints: [1, 1, 1, 1, 0, 1] };
const seenFrom = { dims: [BATCH, LENGTH, LENGTH], ints: [1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 1] };
const projected = { query: x, key: [BATCH, 4, WIDTH], value: [BATCH, 4, WIDTH] };
const embedding = (extra: Partial<Case> & { order: readonly string[] }): Case => ({
  opType: "EmbedLayerNormalization",
  constants: { words: [9, WIDTH], places: [5, WIDTH], kinds: [2, WIDTH], scale: [WIDTH], shift: [WIDTH] },
  attributes: { epsilon: new Float(1e-5) },
  inputs: { ids: { dims: [BATCH, LENGTH], ints: [1, 8, 0, 3, 3, 2] }, ...extra.inputs },
  order: extra.order,
  ...(extra.outputs === undefined ? {} : { outputs: extra.outputs }),
});
const types = { dims: [BATCH, LENGTH], ints: [0, 1, 1, 0, 0, 1] };

const CASES: Readonly<Record<string, Case>> = {
  "attention without a mask": attention(),
  "attention over so many positions of each row": attention({ order: ["x", "weight", "bias", "mask"], inputs: { mask: lengths } }),
  "attention over the positions that a mask shows": attention({ order: ["x", "weight", "bias", "mask"], inputs: { mask: seen } }),
  "attention with a mask for each query": attention({ order: ["x", "weight", "bias", "mask"], inputs: { mask: seenFrom } }),
  "attention with another penalty, scale and added scores": attention({
    order: ["x", "weight", "bias", "mask", "", "added"],
    inputs: { mask: seen, added: [BATCH, HEADS, LENGTH, LENGTH] },
    attributes: { scale: new Float(0.3), mask_filter_value: new Float(-3) },
  }),
  "attention whose values are narrower": attention({
    constants: { weight: [WIDTH, 2 * WIDTH + 4], bias: [2 * WIDTH + 4] },
    attributes: { qkv_hidden_sizes: [WIDTH, WIDTH, 4] },
  }),
  "attention of several inputs": {
    opType: "MultiHeadAttention",
    inputs: projected,
    constants: { bias: [3 * WIDTH] },
    order: ["query", "key", "value", "bias"],
    attributes: { num_heads: HEADS },
  },
  "attention of several inputs under a mask": {
    opType: "MultiHeadAttention",
    inputs: { ...projected, mask: { dims: [BATCH, 4], ints: [1, 1, 0, 1, 1, 1, 1, 0] } },
    order: ["query", "key", "value", "", "mask"],
    attributes: { num_heads: HEADS },
  },
  "embeddings of words and positions": embedding({
    order: ["ids", "", "words", "places", "", "scale", "shift"],
    outputs: ["result", UNREAD],
  }),
  "embeddings with types, counts and their sum": embedding({
    order: ["ids", "types", "words", "places", "kinds", "scale", "shift", "mask"],
    inputs: { types, mask: { dims: [BATCH, LENGTH], ints: [1, 1, 1, 1, 1, 0] } },
    outputs: ["result", "counts", "sum"],
  }),
  "embeddings of given positions": embedding({
    order: ["ids", "types", "words", "places", "kinds", "scale", "shift", "", "positions"],
    inputs: { types, positions: { dims: [BATCH, LENGTH], ints: [4, 2, 0, 1, 1, 3] } },
    outputs: ["result", UNREAD],
  }),
};

describe("what a fused operator stands for gives the same", () => {
  test.each(Object.entries(CASES))("%s", async (_, entry) => {
    const model = build(entry);
    const before = await run(model, entry);
    expect(await lowered(model)).toEqual(["fused"]);
    expect(model.graph?.node.filter(({ domain }) => domain !== "")).toEqual([]);
    const after = await run(model, entry);
    for (const [name, values] of Object.entries(before)) {
      expect(after[name]).toHaveLength(values.length);
      values.forEach((value, index) => expect(after[name]?.[index], `${name} ${index}`).toBeCloseTo(value, 4));
    }
  });
});

test("a form that is not known stays as it is", async () => {
  const model = build(attention({ attributes: { unidirectional: 1 } }));
  const before = cloneModel(model);
  expect(await lowered(model)).toEqual([]);
  expect(encodeModel(model)).toEqual(encodeModel(before));
});

test("packed weights get the names that their modules had, told by the layer after them", async () => {
  const model = build(attention());
  const builder = new GraphBuilder(model);
  builder.initializer(floatTensor("encoder.layer.3.attention.output.dense.weight", [WIDTH, WIDTH], numbers([WIDTH, WIDTH], 1)));
  const dense = builder.op("MatMul", ["raw_result", "encoder.layer.3.attention.output.dense.weight"]);
  builder.output(dense, { name: "hidden", type: "float32", shape: [] });
  await lowered(model);
  const names = model.graph?.initializer.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["query", "key", "value"].map((part) => `encoder.layer.3.attention.self.${part}.weight`)));
  expect(inferShapes(model).get("raw_result")?.shape).toEqual(["batch", LENGTH, WIDTH]);
});
