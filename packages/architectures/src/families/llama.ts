import type { CheckpointGraph } from "../checkpoint-graph.ts";
import { attend, type AttendResult } from "../decoder/attend.ts";
import { KIN, type Kin, type Llama, readLlama } from "../decoder/llama-config.ts";
import { decoderOutputs } from "../decoder/outputs.ts";
import { causalMask, lengths, positionIds } from "../decoder/positions.ts";
import { ropeLength } from "../decoder/rope.ts";
import { rotate, rotationTables, type Tables } from "../decoder/rotation.ts";
import {
  type Architecture,
  type BuildOptions,
  type CacheShape,
  type Family,
  type GraphOutput,
  type Parameter,
  TEXT_INPUTS,
} from "../family.ts";

/** RMSNormalization is an operator from here on. */
const OPSET = 23;

/** Llama and its kin, each a family of its own: pre-normalised decoders with rotary positions, gated feed-forward and shared keys. */
export const LLAMA_KIN: readonly Family[] = Object.entries(KIN).map(([name, kin]) => family(name, kin));

function family(name: string, kin: Kin): Family {
  return {
    name,
    modelTypes: [name],
    read(config): Architecture {
      const sizes = readLlama(config, kin);
      const { hiddenSize, vocabSize } = sizes;
      const cache = { layers: sizes.layers.length, heads: sizes.sharedHeads, headSize: sizes.headSize };
      return {
        hiddenSize,
        vocabSize,
        maxLength: ropeLength(sizes.rope, sizes.maxLength),
        cache,
        opset: OPSET,
        parameters: parameters(sizes),
        inputs: TEXT_INPUTS,
        build: (graph, options) => forward(graph, sizes, { ...options, shape: cache }),
      };
    },
  };
}

function parameters(sizes: Llama): Parameter[] {
  const { hiddenSize, vocabSize, heads, sharedHeads, headSize, intermediateSize, biases } = sizes;
  const linear = (module: string, size: { from: number; to: number; bias: boolean }): Parameter[] => [
    { name: `${module}.weight`, shape: [size.to, size.from], kind: "matrix" },
    ...(size.bias ? [{ name: `${module}.bias`, shape: [size.to], kind: "bias" } as const] : []),
  ];
  const scale = (module: string, size: number): Parameter => ({ name: `${module}.weight`, shape: [size], kind: "scale" });
  const [wide, shared] = [heads * headSize, sharedHeads * headSize];
  return [
    { name: "embed_tokens.weight", shape: [vocabSize, hiddenSize], kind: "matrix" },
    ...sizes.layers
      .map((_, index) => `layers.${index}`)
      .flatMap((stem) => [
        scale(`${stem}.input_layernorm`, hiddenSize),
        ...linear(`${stem}.self_attn.q_proj`, { from: hiddenSize, to: wide, bias: biases.attention }),
        ...linear(`${stem}.self_attn.k_proj`, { from: hiddenSize, to: shared, bias: biases.attention }),
        ...linear(`${stem}.self_attn.v_proj`, { from: hiddenSize, to: shared, bias: biases.attention }),
        ...linear(`${stem}.self_attn.o_proj`, { from: wide, to: hiddenSize, bias: biases.output }),
        ...(sizes.normalisedHeads ? [scale(`${stem}.self_attn.q_norm`, headSize), scale(`${stem}.self_attn.k_norm`, headSize)] : []),
        scale(`${stem}.post_attention_layernorm`, hiddenSize),
        ...linear(`${stem}.mlp.gate_proj`, { from: hiddenSize, to: intermediateSize, bias: biases.feedForward }),
        ...linear(`${stem}.mlp.up_proj`, { from: hiddenSize, to: intermediateSize, bias: biases.feedForward }),
        ...linear(`${stem}.mlp.down_proj`, { from: intermediateSize, to: hiddenSize, bias: biases.feedForward }),
      ]),
    scale("norm", hiddenSize),
    { name: "lm_head.weight", shape: [vocabSize, hiddenSize], kind: "matrix", optional: true, outside: true },
  ];
}

/** What all layers share. */
interface Shared {
  readonly sizes: Llama;
  readonly cache: boolean;
  readonly tables: (factor: number) => Tables;
  readonly maskOf: (window: number | undefined) => string;
}

function forward(graph: CheckpointGraph, sizes: Llama, options: BuildOptions & { shape: CacheShape }): readonly GraphOutput[] {
  const cache = options.cache === true;
  const spans = lengths(graph, { cache });
  const tables = rotationTables(graph, sizes.rope, positionIds(graph, spans));
  const masks = new Map<number | undefined, string>();
  const maskOf = (window: number | undefined): string => {
    const mask = masks.get(window) ?? causalMask(graph, spans, { window, copies: sizes.heads / sizes.sharedHeads });
    masks.set(window, mask);
    return mask;
  };
  let hidden = graph.embedding("input_ids", "embed_tokens");
  const present: AttendResult["present"][] = [];
  for (const index of sizes.layers.keys()) {
    const done = layer(graph, hidden, { index, shared: { sizes, cache, tables, maskOf } });
    hidden = done.hidden;
    present.push(done.present);
  }
  const { hiddenSize, vocabSize, tied, epsilon } = sizes;
  return decoderOutputs(graph, graph.rmsNorm(hidden, "norm", epsilon), {
    hiddenSize,
    vocabSize,
    table: "embed_tokens.weight",
    tied,
    present,
    cache: cache ? options.shape : undefined,
  });
}

function layer(
  graph: CheckpointGraph,
  input: string,
  { index, shared }: { index: number; shared: Shared },
): { hidden: string; present: AttendResult["present"] } {
  const { sizes } = shared;
  const module = `layers.${index}`;
  const normal = graph.rmsNorm(input, `${module}.input_layernorm`, sizes.epsilon);
  const { context, present } = selfAttention(graph, normal, { index, shared });
  const projected = graph.linear(context, `${module}.self_attn.o_proj`, { bias: sizes.biases.output });
  const attended = graph.op("Add", [projected, input], { module });
  const rows = graph.rmsNorm(attended, `${module}.post_attention_layernorm`, sizes.epsilon);
  const linear = (value: string, name: string): string => graph.linear(value, `${module}.mlp.${name}`, { bias: sizes.biases.feedForward });
  const gate = graph.activation(linear(rows, "gate_proj"), `${module}.mlp.act_fn`, sizes.activation);
  const wide = graph.op("Mul", [gate, linear(rows, "up_proj")], { module: `${module}.mlp` });
  return { hidden: graph.op("Add", [linear(wide, "down_proj"), attended], { module }), present };
}

/** The scale 1 / √d rides on the tables that turn the query, where there are some. */
function selfAttention(graph: CheckpointGraph, input: string, { index, shared }: { index: number; shared: Shared }): AttendResult {
  const { sizes, cache, tables, maskOf } = shared;
  const { heads, sharedHeads, headSize } = sizes;
  const { builder } = graph;
  const module = `layers.${index}.self_attn`;
  const { rotates = true, window } = sizes.layers[index] ?? {};
  const project = (name: string): string => graph.linear(input, `${module}.${name}_proj`, { bias: sizes.biases.attention });
  const apart = (value: string, options: { name: "q" | "k"; count: number; factor: number }): string => {
    const { name, count, factor } = options;
    const split = graph.op("Reshape", [value, builder.int([0, 0, count, headSize])], { module: `${module}.${name}` });
    const normal = sizes.normalisedHeads ? graph.rmsNorm(split, `${module}.${name}_norm`, sizes.epsilon) : split;
    if (rotates) return rotate(graph, normal, { module: `${module}.${name}`, tables: tables(factor), headSize });
    return factor === 1 ? normal : graph.op("Mul", [normal, builder.float(factor)], { module: `${module}.${name}` });
  };
  return attend(
    graph,
    {
      query: apart(project("q"), { name: "q", count: heads, factor: 1 / Math.sqrt(headSize) }),
      key: apart(project("k"), { name: "k", count: sharedHeads, factor: 1 }),
      value: project("v"),
    },
    { module, mask: maskOf(window), heads, sharedHeads, headSize, cached: cache ? index : undefined },
  );
}
