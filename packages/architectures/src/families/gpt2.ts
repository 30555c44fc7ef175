import { ACTIVATIONS } from "../activations.ts";
import type { CheckpointGraph } from "../checkpoint-graph.ts";
import { choice, type Config, count, flag, fraction, off, unsupported } from "../config.ts";
import { attend, type AttendResult } from "../decoder/attend.ts";
import { decoderOutputs } from "../decoder/outputs.ts";
import { causalMask, lengths, positionIds } from "../decoder/positions.ts";
import {
  type Architecture,
  type BuildOptions,
  type CacheShape,
  type Family,
  type GraphOutput,
  type Parameter,
  TEXT_INPUTS,
} from "../family.ts";
import { LIMITS } from "../limits.ts";

/** Sizes and switches of a GPT-2 config.json. */
interface Gpt2 {
  readonly hiddenSize: number;
  readonly innerSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly vocabSize: number;
  readonly maxLength: number;
  readonly epsilon: number;
  readonly activation: string;
  readonly scaled: boolean;
  readonly scaledByLayer: boolean;
  readonly tied: boolean;
}

/** GPT-2: pre-normalised decoder with learned absolute positions. Its linear layers (Conv1D) store their weights [in, out]. */
export const gpt2: Family = {
  name: "gpt2",
  modelTypes: ["gpt2"],
  read(config): Architecture {
    const sizes = readSizes(config);
    const { hiddenSize, maxLength, vocabSize } = sizes;
    const cache = { layers: sizes.layers, heads: sizes.heads, headSize: hiddenSize / sizes.heads };
    return {
      hiddenSize,
      maxLength,
      vocabSize,
      cache,
      parameters: parameters(sizes),
      inputs: TEXT_INPUTS,
      build: (graph, options) => forward(graph, sizes, { ...options, shape: cache }),
    };
  },
};

function readSizes(config: Config): Gpt2 {
  off(config, "add_cross_attention");
  // reorder_and_upcast_attn only says in which precision and order attention is computed: in float32 it is the same number.
  const hiddenSize = count(config, "n_embd", LIMITS.width);
  const heads = count(config, "n_head", LIMITS.heads);
  if (hiddenSize % heads !== 0) throw unsupported("n_head", heads, `a divisor of n_embd ${hiddenSize}`);
  return {
    hiddenSize,
    heads,
    innerSize: config["n_inner"] == null ? 4 * hiddenSize : count(config, "n_inner", LIMITS.width),
    layers: count(config, "n_layer", LIMITS.layers),
    vocabSize: count(config, "vocab_size", LIMITS.rows),
    maxLength: count(config, "n_positions", LIMITS.rows),
    epsilon: fraction(config, "layer_norm_epsilon", 1e-5),
    activation: choice(config, "activation_function", { fallback: "gelu_new", from: Object.keys(ACTIVATIONS) }),
    scaled: flag(config, "scale_attn_weights", true),
    scaledByLayer: flag(config, "scale_attn_by_inverse_layer_idx", false),
    tied: flag(config, "tie_word_embeddings", true),
  };
}

function parameters({ hiddenSize, innerSize, layers, vocabSize, maxLength }: Gpt2): Parameter[] {
  const linear = (module: string, size: { from: number; to: number }): Parameter[] => [
    { name: `${module}.weight`, shape: [size.from, size.to], kind: "matrix" },
    { name: `${module}.bias`, shape: [size.to], kind: "bias" },
  ];
  const norm = (module: string): Parameter[] => [
    { name: `${module}.weight`, shape: [hiddenSize], kind: "scale" },
    { name: `${module}.bias`, shape: [hiddenSize], kind: "bias" },
  ];
  return [
    { name: "wte.weight", shape: [vocabSize, hiddenSize], kind: "matrix" },
    { name: "wpe.weight", shape: [maxLength, hiddenSize], kind: "matrix" },
    ...Array.from({ length: layers }, (_, index) => `h.${index}`).flatMap((stem) => [
      ...norm(`${stem}.ln_1`),
      ...linear(`${stem}.attn.c_attn`, { from: hiddenSize, to: 3 * hiddenSize }),
      ...linear(`${stem}.attn.c_proj`, { from: hiddenSize, to: hiddenSize }),
      ...norm(`${stem}.ln_2`),
      ...linear(`${stem}.mlp.c_fc`, { from: hiddenSize, to: innerSize }),
      ...linear(`${stem}.mlp.c_proj`, { from: innerSize, to: hiddenSize }),
    ]),
    ...norm("ln_f"),
    { name: "lm_head.weight", shape: [vocabSize, hiddenSize], kind: "matrix", optional: true, outside: true },
  ];
}

function forward(graph: CheckpointGraph, sizes: Gpt2, options: BuildOptions & { shape: CacheShape }): readonly GraphOutput[] {
  const cache = options.cache === true;
  const spans = lengths(graph, { cache });
  const words = graph.embedding("input_ids", "wte");
  let hidden = graph.op("Add", [words, graph.embedding(positionIds(graph, spans), "wpe")], { module: "" });
  const mask = causalMask(graph, spans, {});
  const present: AttendResult["present"][] = [];
  for (let index = 0; index < sizes.layers; index++) {
    const done = layer(graph, hidden, { index, mask, sizes, cache });
    hidden = done.hidden;
    present.push(done.present);
  }
  const last = graph.layerNorm(hidden, "ln_f", sizes.epsilon);
  const { hiddenSize, vocabSize, tied } = sizes;
  return decoderOutputs(graph, last, {
    hiddenSize,
    vocabSize,
    table: "wte.weight",
    tied,
    present,
    cache: cache ? options.shape : undefined,
  });
}

function layer(
  graph: CheckpointGraph,
  input: string,
  options: { index: number; mask: string; sizes: Gpt2; cache: boolean },
): { hidden: string; present: AttendResult["present"] } {
  const { index, mask, sizes, cache } = options;
  const module = `h.${index}`;
  const conv = (value: string, name: string): string => graph.linear(value, `${module}.${name}`, { stored: "in_out" });
  const { context, present } = selfAttention(graph, graph.layerNorm(input, `${module}.ln_1`, sizes.epsilon), {
    module: `${module}.attn`,
    index,
    mask,
    sizes,
    cache,
  });
  const attended = graph.op("Add", [conv(context, "attn.c_proj"), input], { module });
  const normal = graph.layerNorm(attended, `${module}.ln_2`, sizes.epsilon);
  const wide = graph.activation(conv(normal, "mlp.c_fc"), `${module}.mlp.act`, sizes.activation);
  return { hidden: graph.op("Add", [conv(wide, "mlp.c_proj"), attended], { module }), present };
}

function selfAttention(
  graph: CheckpointGraph,
  input: string,
  options: { module: string; index: number; mask: string; sizes: Gpt2; cache: boolean },
): AttendResult {
  const { module, index, mask, sizes, cache } = options;
  const { builder } = graph;
  const { hiddenSize, heads } = sizes;
  const packed = graph.linear(input, `${module}.c_attn`, { stored: "in_out" });
  const [query = "", key = "", value = ""] = builder.ops("Split", [packed, builder.int([hiddenSize, hiddenSize, hiddenSize])], {
    name: `/${module.replaceAll(/\.(?!\d)/g, "/")}/Split`,
    attributes: { axis: -1 },
    outputs: 3,
  });
  const headSize = hiddenSize / heads;
  const scale = (sizes.scaled ? 1 / Math.sqrt(headSize) : 1) / (sizes.scaledByLayer ? index + 1 : 1);
  const scaled = scale === 1 ? query : graph.op("Mul", [query, builder.float(scale)], { module });
  return attend(
    graph,
    { query: scaled, key, value },
    { module, mask, heads, sharedHeads: heads, headSize, cached: cache ? index : undefined },
  );
}
