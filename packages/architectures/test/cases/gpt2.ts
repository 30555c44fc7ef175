import type { DecoderCase } from "./decoder-case.ts";

/** A GPT-2 small enough to be made anew in every test. */
export const TINY_GPT2 = {
  model_type: "gpt2",
  architectures: ["GPT2LMHeadModel"],
  activation_function: "gelu_new",
  n_embd: 16,
  n_head: 4,
  n_layer: 2,
  n_positions: 16,
  vocab_size: 40,
  layer_norm_epsilon: 1e-5,
  bos_token_id: 0,
  eos_token_id: 1,
};

/** Every switch of GPT2Config that changes what is computed. */
export const GPT2_CASES: Readonly<Record<string, DecoderCase>> = {
  "GPT-2": { config: TINY_GPT2 },
  "GPT-2 as the task class saves it": { config: TINY_GPT2, rename: (name) => (name === "lm_head.weight" ? name : `transformer.${name}`) },
  "GPT-2 with a language head of its own": { config: { ...TINY_GPT2, tie_word_embeddings: false } },
  "GPT-2 with one head, one layer and an inner size": { config: { ...TINY_GPT2, n_head: 1, n_layer: 1, n_inner: 20 } },
  "GPT-2 without scaled attention": { config: { ...TINY_GPT2, scale_attn_weights: false } },
  "GPT-2 scaled by the layer": { config: { ...TINY_GPT2, scale_attn_by_inverse_layer_idx: true } },
  "GPT-2 reordered and upcast": { config: { ...TINY_GPT2, reorder_and_upcast_attn: true, scale_attn_by_inverse_layer_idx: true } },
  "GPT-2 with another epsilon": { config: { ...TINY_GPT2, layer_norm_epsilon: 0.01 } },
  "GPT-2 in float16": { config: TINY_GPT2, dtype: "F16" },
  "GPT-2 in bfloat16": { config: TINY_GPT2, dtype: "BF16" },
  ...Object.fromEntries(
    ["relu", "gelu", "silu", "quick_gelu", "relu2", "leaky_relu", "mish", "linear", "tanh", "sigmoid", "gelu_fast"].map((activation) => [
      `GPT-2 with ${activation}`,
      { config: { ...TINY_GPT2, activation_function: activation } },
    ]),
  ),
};
