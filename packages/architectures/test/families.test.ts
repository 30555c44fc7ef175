import { type Config, FAMILIES, findFamily } from "@graft/architectures";
import { describe, expect, test } from "vitest";
import { TINY } from "./tiny-bert.ts";

const read = (config: Config) => findFamily(config).read(config);

test("every family lists model types that no other has", () => {
  const types = Object.values(FAMILIES).flatMap(({ modelTypes }) => modelTypes);
  expect(new Set(types).size).toBe(types.length);
});

describe("a switch of config.json that is not supported is named", () => {
  const cases: Record<string, { config: Config; message: string }> = {
    "another family": { config: { ...TINY, model_type: "mamba" }, message: 'model_type "mamba", want one of bert' },
    "no family": { config: { hidden_size: 4 }, message: "config.json has no model_type" },
    "relative positions": {
      config: { ...TINY, position_embedding_type: "relative_key" },
      message: 'position_embedding_type "relative_key", want "absolute"',
    },
    "an unknown activation": { config: { ...TINY, hidden_act: "prelu" }, message: 'hidden_act "prelu", want one of gelu' },
    "an activation called like a property of every object": { config: { ...TINY, hidden_act: "constructor" }, message: "hidden_act" },
    "a decoder": { config: { ...TINY, is_decoder: true }, message: "is_decoder true, want false" },
    "an absurd depth": {
      config: { ...TINY, num_hidden_layers: 1e9 },
      message: "num_hidden_layers 1000000000, want a whole number from 1 to 1024",
    },
    "a missing size": { config: { ...TINY, hidden_size: undefined }, message: "hidden_size missing" },
    "a size that is text": { config: { ...TINY, vocab_size: "50" }, message: 'vocab_size "50"' },
    "heads that do not divide": {
      config: { ...TINY, num_attention_heads: 3 },
      message: "num_attention_heads 3, want a divisor of hidden_size 16",
    },
    "no epsilon": { config: { ...TINY, layer_norm_eps: 0 }, message: "layer_norm_eps 0" },
  };
  for (const [name, { config, message }] of Object.entries(cases)) {
    test(name, () => {
      expect(() => read(config)).toThrow(
        expect.objectContaining({ code: "ARCHITECTURE_UNSUPPORTED", message: expect.stringContaining(message) }),
      );
    });
  }
});

test("the switches of older and newer files mean their defaults where they are absent", () => {
  const { position_embedding_type: _, layer_norm_eps: __, ...config } = TINY;
  expect(read(config)).toMatchObject({ hiddenSize: 16, maxLength: 12, vocabSize: 50 });
});
