import { type Config, count, flag, index, optionalCount, unsupported, words } from "../config.ts";
import { LIMITS } from "../limits.ts";
import type { RelativePositions } from "../parts/disentangled-attention.ts";
import type { LayerSizes } from "../parts/encoder-layer.ts";
import { activationName, encoderOnly, layerSizes } from "../parts/encoder-sizes.ts";

/** Sizes and switches of a DeBERTa-v2 config.json. */
export interface DebertaSizes extends LayerSizes {
  readonly layers: number;
  readonly vocabSize: number;
  readonly maxPositions: number;
  readonly tokenTypes: number;
  readonly embeddingSize: number;
  /** Whether a table of positions is added to the words. */
  readonly positionBiased: boolean;
  /** How many scores the scale is for: the content's, and one for each kind of position. */
  readonly scoreParts: number;
  readonly relative?: RelativePositions;
  readonly convolution?: { readonly kernel: number; readonly groups: number; readonly activation: string };
}

/** Checks a config.json. `legacy`, `pooler_hidden_size` and `z_steps` mean nothing to the last hidden state. */
export function debertaSizes(config: Config): DebertaSizes {
  encoderOnly(config);
  const sizes = layerSizes({ layer_norm_eps: 1e-7, ...config });
  const maxPositions = count(config, "max_position_embeddings", LIMITS.relativePositions);
  const kinds = words(config, "pos_att_type", ["c2p", "p2c"]);
  const headSize = optionalCount(config, "attention_head_size", { fallback: sizes.headSize, most: LIMITS.width });
  if (headSize !== sizes.headSize)
    throw unsupported("attention_head_size", headSize, `hidden_size / num_attention_heads ${sizes.headSize}`);
  const relative = relativePositions(config, { maxPositions, kinds });
  const convolution = convolutionOf(config, sizes.hiddenSize);
  return {
    ...sizes,
    maxPositions,
    layers: count(config, "num_hidden_layers", LIMITS.layers),
    vocabSize: count(config, "vocab_size", LIMITS.rows),
    tokenTypes: index(config, "type_vocab_size", { fallback: 0, below: LIMITS.rows }),
    embeddingSize: optionalCount(config, "embedding_size", { fallback: sizes.hiddenSize, most: LIMITS.width }),
    positionBiased: flag(config, "position_biased_input", true),
    // Counted by `transformers` also where relative_attention is off.
    scoreParts: 1 + kinds.length,
    ...(relative === undefined ? {} : { relative }),
    ...(convolution === undefined ? {} : { convolution }),
  };
}

function relativePositions(
  config: Config,
  { maxPositions, kinds }: { maxPositions: number; kinds: readonly string[] },
): RelativePositions | undefined {
  const sharedKey = flag(config, "share_att_key", false);
  const normalised = words(config, "norm_rel_ebd", ["none", "layer_norm"]).includes("layer_norm");
  if (!flag(config, "relative_attention", false)) return undefined;
  const most = positive(config, "max_relative_positions") ?? maxPositions;
  const buckets = positive(config, "position_buckets");
  if (buckets !== undefined && (buckets < 2 || most < Math.floor(buckets / 2) + 2))
    throw unsupported("position_buckets", buckets, `from 2 to twice max_relative_positions ${most} - 4`);
  return {
    span: buckets ?? most,
    ...(buckets === undefined ? {} : { buckets }),
    most,
    sharedKey,
    normalised,
    contentToPosition: kinds.includes("c2p"),
    positionToContent: kinds.includes("p2c"),
  };
}

/** A whole number from 1 on; undefined where it is absent, or not positive, which turns the switch off. */
function positive(config: Config, key: string): number | undefined {
  const value = config[key];
  if (value === undefined || (typeof value === "number" && Number.isSafeInteger(value) && value < 1)) return undefined;
  return count(config, key, LIMITS.relativePositions);
}

function convolutionOf(config: Config, hiddenSize: number): DebertaSizes["convolution"] {
  const kernel = index(config, "conv_kernel_size", { fallback: 0, below: LIMITS.kernel });
  if (kernel === 0) return undefined;
  if (kernel % 2 === 0) throw unsupported("conv_kernel_size", kernel, "an odd number");
  const groups = optionalCount(config, "conv_groups", { fallback: 1, most: LIMITS.width });
  if (hiddenSize % groups !== 0) throw unsupported("conv_groups", groups, `a divisor of hidden_size ${hiddenSize}`);
  return { kernel, groups, activation: activationName(config, "conv_act", "tanh") };
}
