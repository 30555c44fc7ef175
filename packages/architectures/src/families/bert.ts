import { ACTIVATIONS } from "../activations.ts";
import type { CheckpointGraph } from "../checkpoint-graph.ts";
import { choice, type Config, count, fraction, off, unsupported } from "../config.ts";
import { type Architecture, type Family, hiddenOutput, PAIR_INPUTS, type Parameter } from "../family.ts";
import { LIMITS } from "../limits.ts";

/** Sizes and switches of a BERT config.json. */
interface Bert {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly vocabSize: number;
  readonly maxLength: number;
  readonly tokenTypes: number;
  readonly epsilon: number;
  readonly activation: string;
}

/** BERT: post-normalised encoder with learned absolute positions and token types. */
export const bert: Family = {
  name: "bert",
  modelTypes: ["bert"],
  read(config): Architecture {
    const sizes = readSizes(config);
    return {
      hiddenSize: sizes.hiddenSize,
      maxLength: sizes.maxLength,
      vocabSize: sizes.vocabSize,
      parameters: parameters(sizes),
      inputs: PAIR_INPUTS,
      build: (graph) => [hiddenOutput(forward(graph, sizes), sizes.hiddenSize)],
    };
  },
};

function readSizes(config: Config): Bert {
  choice(config, "position_embedding_type", { fallback: "absolute", from: ["absolute"] });
  off(config, "is_decoder");
  off(config, "add_cross_attention");
  const sizes: Bert = {
    hiddenSize: count(config, "hidden_size", LIMITS.width),
    intermediateSize: count(config, "intermediate_size", LIMITS.width),
    layers: count(config, "num_hidden_layers", LIMITS.layers),
    heads: count(config, "num_attention_heads", LIMITS.heads),
    vocabSize: count(config, "vocab_size", LIMITS.rows),
    maxLength: count(config, "max_position_embeddings", LIMITS.rows),
    tokenTypes: count(config, "type_vocab_size", LIMITS.rows),
    epsilon: fraction(config, "layer_norm_eps", 1e-12),
    activation: choice(config, "hidden_act", { fallback: "gelu", from: Object.keys(ACTIVATIONS) }),
  };
  if (sizes.hiddenSize % sizes.heads !== 0)
    throw unsupported("num_attention_heads", sizes.heads, `a divisor of hidden_size ${sizes.hiddenSize}`);
  return sizes;
}

function parameters({ hiddenSize, intermediateSize, layers, vocabSize, maxLength, tokenTypes }: Bert): Parameter[] {
  const table = (name: string, rows: number): Parameter => ({
    name: `embeddings.${name}.weight`,
    shape: [rows, hiddenSize],
    kind: "matrix",
  });
  const linear = (module: string, size: { from: number; to: number }): Parameter[] => [
    { name: `${module}.weight`, shape: [size.to, size.from], kind: "matrix" },
    { name: `${module}.bias`, shape: [size.to], kind: "bias" },
  ];
  const square = { from: hiddenSize, to: hiddenSize };
  const norm = (module: string): Parameter[] => [
    { name: `${module}.weight`, shape: [hiddenSize], kind: "scale" },
    { name: `${module}.bias`, shape: [hiddenSize], kind: "bias" },
  ];
  return [
    table("word_embeddings", vocabSize),
    table("position_embeddings", maxLength),
    table("token_type_embeddings", tokenTypes),
    ...norm("embeddings.LayerNorm"),
    ...Array.from({ length: layers }, (_, index) => `encoder.layer.${index}`).flatMap((stem) => [
      ...linear(`${stem}.attention.self.query`, square),
      ...linear(`${stem}.attention.self.key`, square),
      ...linear(`${stem}.attention.self.value`, square),
      ...linear(`${stem}.attention.output.dense`, square),
      ...norm(`${stem}.attention.output.LayerNorm`),
      ...linear(`${stem}.intermediate.dense`, { from: hiddenSize, to: intermediateSize }),
      ...linear(`${stem}.output.dense`, { from: intermediateSize, to: hiddenSize }),
      ...norm(`${stem}.output.LayerNorm`),
    ]),
    ...linear("pooler.dense", square).map((parameter) => ({ ...parameter, optional: true })),
  ];
}

function forward(graph: CheckpointGraph, sizes: Bert): string {
  const mask = additiveMask(graph);
  let hidden = embed(graph, sizes);
  for (let index = 0; index < sizes.layers; index++) hidden = layer(graph, hidden, { module: `encoder.layer.${index}`, mask, sizes });
  graph.carry(["pooler.dense.weight", "pooler.dense.bias"]);
  return hidden;
}

/** Word + type + position, normalised. Ids beyond a table are refused by ONNX Runtime. */
function embed(graph: CheckpointGraph, sizes: Bert): string {
  const { builder } = graph;
  const module = "embeddings";
  const length = graph.op("Shape", ["input_ids"], { module, attributes: { start: 1, end: 2 } });
  const positions = graph.op("Range", [builder.int(0), graph.op("Squeeze", [length], { module }), builder.int(1)], { module });
  const words = graph.embedding("input_ids", `${module}.word_embeddings`);
  const types = graph.embedding("token_type_ids", `${module}.token_type_embeddings`);
  const places = graph.embedding(positions, `${module}.position_embeddings`);
  const sum = graph.op("Add", [graph.op("Add", [words, types], { module }), places], { module });
  return graph.layerNorm(sum, `${module}.LayerNorm`, sizes.epsilon);
}

/** 0 where attention may look and the lowest float32 where it may not, [batch, 1, 1, sequence]. */
function additiveMask({ builder }: CheckpointGraph): string {
  const kept = builder.op("Cast", ["attention_mask"], { name: "/attention_mask/Cast", attributes: { to: 1 } });
  const spread = builder.op("Unsqueeze", [kept, builder.int([1, 2])], { name: "/attention_mask/Unsqueeze" });
  const hidden = builder.op("Sub", [builder.float(1), spread], { name: "/attention_mask/Sub" });
  return builder.op("Mul", [hidden, builder.float(-3.4028234663852886e38)], { name: "/attention_mask/Mul" });
}

function layer(graph: CheckpointGraph, input: string, options: { module: string; mask: string; sizes: Bert }): string {
  const { module, sizes } = options;
  const context = selfAttention(graph, input, { ...options, module: `${module}.attention.self` });
  const attended = residual(graph, graph.linear(context, `${module}.attention.output.dense`), {
    module: `${module}.attention.output`,
    input,
    sizes,
  });
  const wide = graph.activation(graph.linear(attended, `${module}.intermediate.dense`), `${module}.intermediate`, sizes.activation);
  return residual(graph, graph.linear(wide, `${module}.output.dense`), { module: `${module}.output`, input: attended, sizes });
}

function residual(graph: CheckpointGraph, value: string, options: { module: string; input: string; sizes: Bert }): string {
  const sum = graph.op("Add", [value, options.input], { module: options.module });
  return graph.layerNorm(sum, `${options.module}.LayerNorm`, options.sizes.epsilon);
}

/** softmax(q · kᵀ / √d + mask) · v; the scale goes on the query, the smallest of the tensors it could go on. */
function selfAttention(graph: CheckpointGraph, input: string, options: { module: string; mask: string; sizes: Bert }): string {
  const { module, mask, sizes } = options;
  const { builder } = graph;
  const headSize = sizes.hiddenSize / sizes.heads;
  const split = (name: string, value: string, perm: readonly number[]): string =>
    graph.op("Transpose", [graph.op("Reshape", [value, builder.int([0, 0, sizes.heads, headSize])], { module: `${module}.${name}` })], {
      module: `${module}.${name}.heads`,
      attributes: { perm },
    });
  const linear = (name: string): string => graph.linear(input, `${module}.${name}`);
  const scaled = graph.op("Mul", [linear("query"), builder.float(1 / Math.sqrt(headSize))], { module });
  const query = split("query", scaled, [0, 2, 1, 3]);
  const key = split("key", linear("key"), [0, 2, 3, 1]);
  const value = split("value", linear("value"), [0, 2, 1, 3]);
  const scores = graph.op("Add", [graph.op("MatMul", [query, key], { module }), mask], { module });
  const weights = graph.op("Softmax", [scores], { module, attributes: { axis: -1 } });
  const heads = graph.op("Transpose", [graph.op("MatMul", [weights, value], { module })], { module, attributes: { perm: [0, 2, 1, 3] } });
  return graph.op("Reshape", [heads, builder.int([0, 0, sizes.hiddenSize])], { module });
}
