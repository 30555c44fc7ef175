import { type Config, findFamily } from "@graft/architectures";
import { describe, expect, test } from "vitest";
import { TINY_GPT2 } from "./cases/gpt2.ts";
import { TINY_LLAMA } from "./cases/llama.ts";

const rope = (parameters: unknown): Config => ({ ...TINY_LLAMA, rope_parameters: parameters });

describe("a switch of a decoder that is not supported is named", () => {
  const cases: Record<string, { config: Config; message: string }> = {
    "attention to an encoder": { config: { ...TINY_GPT2, add_cross_attention: true }, message: "add_cross_attention true, want false" },
    "an unknown activation of GPT-2": {
      config: { ...TINY_GPT2, activation_function: "prelu" },
      message: 'activation_function "prelu"',
    },
    "heads that do not divide": { config: { ...TINY_GPT2, n_head: 3 }, message: "n_head 3, want a divisor of n_embd 16" },
    "a switch that is no switch": { config: { ...TINY_GPT2, scale_attn_weights: "yes" }, message: 'scale_attn_weights "yes"' },
    "keys that do not divide": { config: { ...TINY_LLAMA, num_key_value_heads: 3 }, message: "num_key_value_heads 3, want a divisor" },
    "an odd head": { config: { ...TINY_LLAMA, head_dim: 5 }, message: "head_dim 5, want an even number" },
    "an unknown rotation": {
      config: rope({ rope_type: "proportional" }),
      message: 'rope_type "proportional", want one of default, linear',
    },
    "a rotation called like a property of every object": { config: rope({ rope_type: "constructor" }), message: "rope_type" },
    "a rotation that is no object": { config: rope([1]), message: "rope_parameters [1], want an object" },
    "a rotation for each kind of layer": {
      config: rope({ full_attention: { rope_type: "default" } }),
      message: "rope_parameters.full_attention",
    },
    "a rotation of a part of each head": {
      config: { ...TINY_LLAMA, partial_rotary_factor: 0.5 },
      message: "partial_rotary_factor 0.5, want 1",
    },
    "a rotation without its factor": {
      config: rope({ rope_type: "linear" }),
      message: "rope_parameters.factor missing, want a positive number",
    },
    "factors for another number of pairs": {
      config: rope({ rope_type: "longrope", short_factor: [1], long_factor: [1, 1], original_max_position_embeddings: 4 }),
      message: "rope_parameters.short_factor [1], want 2 positive numbers",
    },
    "attention in chunks": {
      config: { ...TINY_LLAMA, model_type: "qwen3", layer_types: ["chunked_attention", "full_attention"] },
      message: 'layer_types "chunked_attention"',
    },
    "a window that is switched off": {
      config: { ...TINY_LLAMA, model_type: "qwen2", layer_types: ["sliding_attention", "full_attention"] },
      message: "use_sliding_window is off",
    },
    "a window of no size": { config: { ...TINY_LLAMA, model_type: "mistral", sliding_window: 0 }, message: "sliding_window 0" },
    "too few layers without positions": {
      config: { ...TINY_LLAMA, model_type: "smollm3", no_rope_layers: [1] },
      message: "no_rope_layers [1], want a list of 2 zeros and ones",
    },
  };
  for (const [name, { config, message }] of Object.entries(cases)) {
    test(name, () => {
      expect(() => findFamily(config).read(config)).toThrow(
        expect.objectContaining({ code: "ARCHITECTURE_UNSUPPORTED", message: expect.stringContaining(message) }),
      );
    });
  }
});

test("dynamic rotation reaches as far as its factor says", () => {
  const config = rope({ rope_type: "dynamic", factor: 3 });
  expect(findFamily(config).read(config).maxLength).toBe(48);
});
