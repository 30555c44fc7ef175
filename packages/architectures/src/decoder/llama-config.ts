import { ACTIVATIONS } from "../activations.ts";
import { choice, type Config, count, flag, fraction, unsupported } from "../config.ts";
import { LIMITS } from "../limits.ts";
import { readRope, type Rope } from "./rope.ts";

/** Sizes and switches of a config.json of Llama's kin. */
export interface Llama {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly heads: number;
  /** Heads of keys and values. */
  readonly sharedHeads: number;
  readonly headSize: number;
  readonly vocabSize: number;
  readonly maxLength: number;
  readonly epsilon: number;
  readonly activation: string;
  readonly tied: boolean;
  readonly rope: Rope;
  /** Queries and keys are normalised head by head. */
  readonly normalisedHeads: boolean;
  readonly biases: Biases;
  readonly layers: readonly Layer[];
}

/** Which linear layers have a bias. */
interface Biases {
  /** Query, key and value. */
  readonly attention: boolean;
  readonly output: boolean;
  readonly feedForward: boolean;
}

/** What differs between layers. */
interface Layer {
  /** Whether positions turn its queries and keys. */
  readonly rotates: boolean;
  /** How many of the last positions it sees; undefined for all. */
  readonly window: number | undefined;
}

/** How a member of the kin differs: what its configuration class in `transformers` says where config.json is silent, and its switches. */
export interface Kin {
  readonly tied: boolean;
  readonly theta: number;
  readonly sharedHeads?: number;
  readonly headSize?: number;
  readonly normalisedHeads?: boolean;
  readonly biases: (config: Config) => Biases;
  readonly layers: (config: Config, count: number) => readonly Layer[];
}

const NO_BIAS: Biases = { attention: false, output: false, feedForward: false };
const everywhere = (config: Config): Biases => {
  const attention = flag(config, "attention_bias", false);
  return { attention, output: attention, feedForward: flag(config, "mlp_bias", false) };
};
const full = (_: Config, layers: number): Layer[] => repeat(layers, { rotates: true, window: undefined });

/** The kin by model type. */
export const KIN: Readonly<Record<string, Kin>> = {
  llama: { tied: false, theta: 10_000, biases: everywhere, layers: full },
  mistral: {
    tied: false,
    theta: 10_000,
    sharedHeads: 8,
    biases: () => NO_BIAS,
    layers: (config, layers) => repeat(layers, { rotates: true, window: window(config, 4096) }),
  },
  qwen2: {
    tied: false,
    theta: 10_000,
    sharedHeads: 32,
    biases: () => ({ attention: true, output: false, feedForward: false }),
    layers: upperWindows,
  },
  qwen3: {
    tied: false,
    theta: 10_000,
    sharedHeads: 32,
    headSize: 128,
    normalisedHeads: true,
    biases: (config) => ({ ...everywhere(config), feedForward: false }),
    layers: upperWindows,
  },
  smollm3: { tied: true, theta: 2_000_000, sharedHeads: 4, biases: everywhere, layers: withoutPositions },
};

/** Reads a config.json. ARCHITECTURE_UNSUPPORTED. */
export function readLlama(config: Config, kin: Kin): Llama {
  const hiddenSize = count(config, "hidden_size", LIMITS.width);
  const heads = count(config, "num_attention_heads", LIMITS.heads);
  const sharedHeads = given(config, "num_key_value_heads", { fallback: kin.sharedHeads ?? heads, most: LIMITS.heads });
  const headSize = given(config, "head_dim", { fallback: kin.headSize ?? Math.floor(hiddenSize / heads), most: LIMITS.width });
  if (config["head_dim"] == null && kin.headSize === undefined && hiddenSize % heads !== 0)
    throw unsupported("num_attention_heads", heads, `a divisor of hidden_size ${hiddenSize}`);
  if (heads % sharedHeads !== 0) throw unsupported("num_key_value_heads", sharedHeads, `a divisor of num_attention_heads ${heads}`);
  if (headSize % 2 !== 0) throw unsupported("head_dim", headSize, "an even number");
  const maxLength = count(config, "max_position_embeddings", LIMITS.rows);
  return {
    hiddenSize,
    heads,
    sharedHeads,
    headSize,
    maxLength,
    intermediateSize: count(config, "intermediate_size", LIMITS.width),
    vocabSize: count(config, "vocab_size", LIMITS.rows),
    epsilon: fraction(config, "rms_norm_eps", 1e-6),
    activation: choice(config, "hidden_act", { fallback: "silu", from: Object.keys(ACTIVATIONS) }),
    tied: flag(config, "tie_word_embeddings", kin.tied),
    rope: readRope(config, { headSize, maxLength, theta: kin.theta }),
    normalisedHeads: kin.normalisedHeads === true,
    biases: kin.biases(config),
    layers: kin.layers(config, count(config, "num_hidden_layers", LIMITS.layers)),
  };
}

/** Qwen: from `max_window_layers` on, where windows are used at all. */
function upperWindows(config: Config, layers: number): Layer[] {
  const size = flag(config, "use_sliding_window", false) ? window(config, 4096) : undefined;
  const first = given(config, "max_window_layers", { fallback: 28, most: LIMITS.layers, least: 0 });
  return windowed(config, { size, usual: Array.from({ length: layers }, (_, index) => size !== undefined && index >= first) });
}

/** SmolLM3: every fourth layer knows no positions; where windows are used, those have them. */
function withoutPositions(config: Config, layers: number): Layer[] {
  const every = given(config, "no_rope_layer_interval", { fallback: 4, most: LIMITS.layers });
  const listed = config["no_rope_layers"] ?? Array.from({ length: layers }, (_, index) => Number((index + 1) % every !== 0));
  if (!Array.isArray(listed) || listed.length < layers || !listed.every((one) => one === 0 || one === 1 || typeof one === "boolean"))
    throw unsupported("no_rope_layers", listed, `a list of ${layers} zeros and ones`);
  const size = flag(config, "use_sliding_window", false) ? window(config, undefined) : undefined;
  const rotates = listed.slice(0, layers).map(Boolean);
  return windowed(config, { size, usual: rotates.map((turns) => size !== undefined && !turns) }).map((layer, index) => ({
    ...layer,
    rotates: rotates[index] === true,
  }));
}

/** Layers with windows where `layer_types` says so, or where they usually are. */
function windowed(config: Config, { size, usual }: { size: number | undefined; usual: readonly boolean[] }): Layer[] {
  const types = config["layer_types"] ?? usual.map((sliding) => (sliding ? "sliding_attention" : "full_attention"));
  if (!Array.isArray(types) || types.length < usual.length) throw unsupported("layer_types", types, `a list of ${usual.length} types`);
  return usual.map((_, index) => {
    const type: unknown = types[index];
    if (type === "full_attention") return { rotates: true, window: undefined };
    if (type !== "sliding_attention") throw unsupported("layer_types", type, 'only "full_attention" and "sliding_attention"');
    if (size === undefined) throw unsupported("layer_types", type, '"full_attention" where use_sliding_window is off');
    return { rotates: true, window: size };
  });
}

function window(config: Config, fallback: number | undefined): number | undefined {
  const value = config["sliding_window"] === undefined ? fallback : config["sliding_window"];
  if (value === null || value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw unsupported("sliding_window", value, "a whole number of at least 1, or null");
}

/** A whole number; the fallback where config.json has none or null. */
function given(config: Config, key: string, options: { fallback: number; most: number; least?: number }): number {
  const { fallback, most, least = 1 } = options;
  if (config[key] == null) return fallback;
  if (config[key] === 0 && least === 0) return 0;
  return count(config, key, most);
}

function repeat(layers: number, layer: Layer): Layer[] {
  return Array.from({ length: layers }, () => layer);
}
