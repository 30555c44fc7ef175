import { ACTIVATIONS } from "../activations.ts";
import { choice, type Config, count, fraction, off, unsupported } from "../config.ts";
import { LIMITS } from "../limits.ts";
import type { LayerSizes } from "./encoder-layer.ts";

/** Names that the sizes have in config.json. */
export interface SizeKeys {
  readonly hiddenSize: string;
  readonly intermediateSize: string;
  readonly heads: string;
  readonly activation: string;
}

const USUAL: SizeKeys = {
  hiddenSize: "hidden_size",
  intermediateSize: "intermediate_size",
  heads: "num_attention_heads",
  activation: "hidden_act",
};

/** Sizes of the layers, with heads that divide the width. */
export function layerSizes(config: Config, keys: SizeKeys = USUAL): LayerSizes {
  const hiddenSize = count(config, keys.hiddenSize, LIMITS.width);
  const heads = count(config, keys.heads, LIMITS.heads);
  if (hiddenSize % heads !== 0) throw unsupported(keys.heads, heads, `a divisor of ${keys.hiddenSize} ${hiddenSize}`);
  return {
    hiddenSize,
    heads,
    headSize: hiddenSize / heads,
    intermediateSize: count(config, keys.intermediateSize, LIMITS.width),
    epsilon: fraction(config, "layer_norm_eps", 1e-12),
    activation: activationName(config, keys.activation),
  };
}

/** An activation that can be built; GELU when absent. */
export function activationName(config: Config, key: string, fallback = "gelu"): string {
  return choice(config, key, { fallback, from: Object.keys(ACTIVATIONS) });
}

/** Refuses what turns an encoder into a decoder, and layers that lost heads. */
export function encoderOnly(config: Config): void {
  for (const key of ["is_decoder", "add_cross_attention", "is_encoder_decoder"]) off(config, key);
  const pruned = config["pruned_heads"];
  if (typeof pruned === "object" && pruned !== null && Object.keys(pruned).length > 0) throw unsupported("pruned_heads", pruned, "none");
}
