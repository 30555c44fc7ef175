import type { CheckpointGraph } from "../checkpoint-graph.ts";
import { type Config, count, flag, fraction, lengths, optionalCount, unsupported } from "../config.ts";
import type { Architecture, Family, Parameter } from "../family.ts";
import { LIMITS } from "../limits.ts";
import { type LayerModules, layerParameters, type LayerSizes, preNormLayer } from "../parts/encoder-layer.ts";
import { activationName, encoderOnly } from "../parts/encoder-sizes.ts";
import { norm } from "../parts/parameters.ts";

interface Vit extends LayerSizes {
  readonly layers: number;
  readonly channels: number;
  readonly image: readonly [height: number, width: number];
  readonly patch: readonly [height: number, width: number];
  readonly patches: number;
}

const MODULES: LayerModules = {
  attention: "attention",
  query: "attention.q_proj",
  key: "attention.k_proj",
  value: "attention.v_proj",
  output: "attention.o_proj",
  attentionNorm: "layernorm_before",
  up: "mlp.fc1",
  down: "mlp.fc2",
  outputNorm: "layernorm_after",
};

/** Modules as files call them, which keep the names of `transformers` before version 5. */
const FORMER: Readonly<Record<string, string>> = {
  "attention.q_proj": "attention.attention.query",
  "attention.k_proj": "attention.attention.key",
  "attention.v_proj": "attention.attention.value",
  "attention.o_proj": "attention.output.dense",
  "mlp.fc1": "intermediate.dense",
  "mlp.fc2": "output.dense",
};

const PATCHES = "embeddings.patch_embeddings.projection";

/** ViT: pre-normalised encoder over the patches of an image, with a class token before them. Its pooler is no part of classification. */
export const vit: Family = {
  name: "vit",
  modelTypes: ["vit"],
  read(config): Architecture {
    const sizes = readSizes(config);
    const [height, width] = sizes.image;
    const positions = sizes.patches + 1;
    return {
      hiddenSize: sizes.hiddenSize,
      maxLength: positions,
      image: { channels: sizes.channels, height, width },
      parameters: parameters(sizes),
      inputs: [{ name: "pixel_values", type: "float32", shape: ["batch", sizes.channels, height, width] }],
      build: (graph) => [
        { name: "last_hidden_state", type: "float32", shape: ["batch", positions, sizes.hiddenSize], value: forward(graph, sizes) },
      ],
    };
  },
};

function readSizes(config: Config): Vit {
  encoderOnly(config);
  const hiddenSize = count(config, "hidden_size", LIMITS.width);
  const heads = count(config, "num_attention_heads", LIMITS.heads);
  if (config["head_dim"] === undefined && hiddenSize % heads !== 0)
    throw unsupported("num_attention_heads", heads, `a divisor of hidden_size ${hiddenSize}`);
  const image = pair(lengths(config, "image_size", { fallback: 224, most: LIMITS.pixels }));
  const patch = pair(lengths(config, "patch_size", { fallback: 16, most: LIMITS.pixels }));
  const patches = Math.floor(image[0] / patch[0]) * Math.floor(image[1] / patch[1]);
  if (patches < 1) throw unsupported("patch_size", config["patch_size"], `at most image_size ${image.join(" × ")}`);
  return {
    hiddenSize,
    heads,
    headSize: optionalCount(config, "head_dim", { fallback: hiddenSize / heads, most: LIMITS.width }),
    intermediateSize: count(config, "intermediate_size", LIMITS.width),
    epsilon: fraction(config, "layer_norm_eps", 1e-12),
    activation: activationName(config, "hidden_act"),
    projectionBias: flag(config, "qkv_bias", true),
    layers: count(config, "num_hidden_layers", LIMITS.layers),
    channels: optionalCount(config, "num_channels", { fallback: 3, most: LIMITS.channels }),
    image,
    patch,
    patches,
  };
}

function pair(sides: readonly number[]): readonly [number, number] {
  const [height = 1, width = height] = sides;
  return [height, width];
}

function parameters(sizes: Vit): Parameter[] {
  const { hiddenSize: width, channels, patch, patches } = sizes;
  return [
    { name: `${PATCHES}.weight`, shape: [width, channels, ...patch], kind: "matrix" },
    { name: `${PATCHES}.bias`, shape: [width], kind: "bias" },
    { name: "embeddings.cls_token", shape: [1, 1, width], kind: "matrix" },
    { name: "embeddings.position_embeddings", shape: [1, patches + 1, width], kind: "matrix" },
    ...paths(sizes).flatMap((path, index) =>
      layerParameters({ path, modules: MODULES, sizes }).map((parameter) => withFormerName(parameter, index)),
    ),
    ...norm("layernorm", width),
  ];
}

/** "layers.0.attention.q_proj.weight" is "encoder.layer.0.attention.attention.query.weight" in files. */
function withFormerName(parameter: Parameter, index: number): Parameter {
  const [, module = "", kind = ""] = /^layers\.\d+\.(.+)\.(\w+)$/.exec(parameter.name) ?? [];
  return { ...parameter, formerly: `encoder.layer.${index}.${FORMER[module] ?? module}.${kind}` };
}

function forward(graph: CheckpointGraph, sizes: Vit): string {
  const embedded = embed(graph, sizes);
  const hidden = paths(sizes).reduce((value, path) => preNormLayer(graph, value, { path, modules: MODULES, sizes }), embedded);
  return graph.layerNorm(hidden, "layernorm", sizes.epsilon);
}

/** The class token and the patches in rows, each with its place added. Pixels beyond the last whole patch are not seen. */
function embed(graph: CheckpointGraph, { hiddenSize, patch, patches }: Vit): string {
  const { builder } = graph;
  const module = "embeddings";
  const grid = graph.op("Conv", ["pixel_values", graph.parameter(`${PATCHES}.weight`), graph.parameter(`${PATCHES}.bias`)], {
    module: PATCHES,
    attributes: { kernel_shape: patch, strides: patch },
  });
  const flat = graph.op("Reshape", [grid, builder.int([0, hiddenSize, patches])], { module });
  const rows = graph.op("Transpose", [flat], { module, attributes: { perm: [0, 2, 1] } });
  const batch = graph.op("Shape", ["pixel_values"], { module, attributes: { start: 0, end: 1 } });
  const whole = graph.op("Concat", [batch, builder.int([1, hiddenSize])], { module, attributes: { axis: 0 } });
  const first = graph.op("Expand", [graph.parameter("embeddings.cls_token"), whole], { module });
  const sequence = graph.op("Concat", [first, rows], { module, attributes: { axis: 1 } });
  return graph.op("Add", [sequence, graph.parameter("embeddings.position_embeddings")], { module });
}

function paths({ layers }: Vit): string[] {
  return Array.from({ length: layers }, (_, index) => `layers.${index}`);
}
