import type { DecoderCase } from "./decoder-case.ts";

/** A Llama small enough to be made anew in every test. */
export const TINY_LLAMA = {
  model_type: "llama",
  architectures: ["LlamaForCausalLM"],
  hidden_act: "silu",
  hidden_size: 16,
  intermediate_size: 24,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  num_hidden_layers: 2,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-6,
  vocab_size: 40,
  bos_token_id: 0,
  eos_token_id: 1,
  pad_token_id: null,
};
const LONGROPE = {
  rope_type: "longrope",
  short_factor: [1, 1.5],
  long_factor: [2, 3],
  factor: 2,
  original_max_position_embeddings: 8,
  rope_theta: 10_000,
};
const other = (type: string, more: object = {}): DecoderCase["config"] => ({ ...TINY_LLAMA, model_type: type, ...more });
const scaled = (parameters: object): DecoderCase => ({ config: { ...TINY_LLAMA, rope_parameters: { rope_theta: 500, ...parameters } } });

/** Every switch of the kin's configuration classes that changes what is computed. */
export const LLAMA_CASES: Readonly<Record<string, DecoderCase>> = {
  Llama: { config: TINY_LLAMA },
  "Llama as the task class saves it": { config: TINY_LLAMA, rename: (name) => (name === "lm_head.weight" ? name : `model.${name}`) },
  "Llama with a key for every query": { config: { ...TINY_LLAMA, num_key_value_heads: null } },
  "Llama with one key for all queries": { config: { ...TINY_LLAMA, num_key_value_heads: 1 } },
  "Llama with a head size of its own": { config: { ...TINY_LLAMA, head_dim: 6 } },
  "Llama with biases": { config: { ...TINY_LLAMA, attention_bias: true, mlp_bias: true } },
  "Llama with a tied head, an epsilon and gelu": {
    config: { ...TINY_LLAMA, tie_word_embeddings: true, rms_norm_eps: 0.01, hidden_act: "gelu" },
  },
  "Llama in float16": { config: TINY_LLAMA, dtype: "F16" },
  "Llama in bfloat16": { config: TINY_LLAMA, dtype: "BF16" },
  "Llama with an older file's rotation": { config: { ...TINY_LLAMA, rope_theta: 300, rope_scaling: { type: "linear", factor: 2 } } },
  "Llama with the default rotation named": scaled({ rope_type: "default" }),
  "Llama with linear rotation": scaled({ rope_type: "linear", factor: 4 }),
  "Llama with dynamic rotation": scaled({ rope_type: "dynamic", factor: 2 }),
  "Llama with dynamic rotation beyond its length": { ...scaled({ rope_type: "dynamic", factor: 2 }), lengths: [25, 7] },
  "Llama with yarn": scaled({ rope_type: "yarn", factor: 4, original_max_position_embeddings: 8 }),
  "Llama with yarn and every option": scaled({
    rope_type: "yarn",
    factor: 4,
    original_max_position_embeddings: 8,
    beta_fast: 3,
    beta_slow: 0.5,
    mscale: 0.7,
    mscale_all_dim: 0.4,
    truncate: false,
  }),
  "Llama with yarn and an attention factor": scaled({
    rope_type: "yarn",
    factor: 4,
    original_max_position_embeddings: 8,
    attention_factor: 1.3,
  }),
  "Llama with the rotation of Llama 3": scaled({
    rope_type: "llama3",
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 64,
  }),
  "Llama with longrope, short": { config: { ...TINY_LLAMA, rope_parameters: LONGROPE }, lengths: [8, 3] },
  "Llama with longrope, long": { config: { ...TINY_LLAMA, rope_parameters: LONGROPE } },
  "Mistral with a window": { config: other("mistral", { sliding_window: 3 }) },
  "Mistral without a window": { config: other("mistral", { sliding_window: null }) },
  "Mistral with a head size": { config: other("mistral", { head_dim: 8 }) },
  "Qwen 2": { config: other("qwen2") },
  "Qwen 2 with windows": { config: other("qwen2", { use_sliding_window: true, sliding_window: 3, max_window_layers: 1 }) },
  "Qwen 2 with listed windows": {
    config: other("qwen2", {
      use_sliding_window: true,
      sliding_window: 2,
      layer_types: ["sliding_attention", "full_attention"],
      tie_word_embeddings: true,
    }),
  },
  "Qwen 3": { config: other("qwen3", { head_dim: 8 }) },
  "Qwen 3 with biases": { config: other("qwen3", { head_dim: 6, attention_bias: true }) },
  "Qwen 3 with windows": { config: other("qwen3", { head_dim: 4, use_sliding_window: true, sliding_window: 3, max_window_layers: 0 }) },
  "SmolLM 3": { config: other("smollm3", { num_hidden_layers: 4 }) },
  "SmolLM 3 with listed layers": { config: other("smollm3", { no_rope_layers: [0, 1], tie_word_embeddings: false, mlp_bias: true }) },
  "SmolLM 3 with windows": {
    config: other("smollm3", { no_rope_layer_interval: 2, use_sliding_window: true, sliding_window: 3, attention_bias: true }),
  },
};
