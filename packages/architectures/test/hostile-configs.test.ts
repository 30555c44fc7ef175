import { type Config, findFamily } from "@graft/architectures";
import { isGraftError } from "@graft/error";
import { expect, test } from "vitest";
import { BERT, DEBERTA, DISTILBERT, ROBERTA, VIT } from "./encoders/switches.ts";

const CONFIGS: readonly Config[] = [
  BERT,
  ROBERTA,
  DISTILBERT,
  { ...DEBERTA, conv_kernel_size: 3, conv_groups: 4, embedding_size: 8, type_vocab_size: 2, attention_head_size: 4 },
  { ...VIT, head_dim: 4 },
];

/** What a broken or hostile file has where a size should be. */
const WRONG: readonly unknown[] = [
  1e12,
  1e9 + 0.5,
  -1,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  "16",
  "",
  true,
  {},
  ["a"],
  [1, 2, 3],
  null,
];

/** Sizes that a file cannot do without, or that mean something whatever they are. */
const SIZES =
  /^(vocab_size|hidden_size|dim|hidden_dim|intermediate_size|num_hidden_layers|n_layers|num_attention_heads|n_heads|max_position_embeddings|embedding_size|attention_head_size|conv_groups|head_dim|num_channels)$/;

test("every size of an encoder is refused by name when it is absurd, before anything is built", () => {
  for (const config of CONFIGS) {
    for (const key of Object.keys(config).filter((name) => SIZES.test(name))) {
      for (const value of WRONG) {
        if (value === null && ["head_dim", "embedding_size"].includes(key)) continue;
        expect(
          () => findFamily({ ...config, [key]: value }).read({ ...config, [key]: value }),
          `${String(config["model_type"])} ${key} ${String(value)}`,
        ).toThrow(
          expect.objectContaining({ code: "ARCHITECTURE_UNSUPPORTED", message: expect.stringContaining(`config.json has ${key} `) }),
        );
      }
    }
  }
});

test("any value of any switch is understood or refused by name", () => {
  for (const config of CONFIGS) {
    for (const key of Object.keys(config)) {
      for (const value of [...WRONG, 0, 1, "relu", false, [], "c2p", ["p2c"]]) {
        const changed = { ...config, [key]: value };
        try {
          const { hiddenSize, maxLength, parameters } = findFamily(changed).read(changed);
          expect([hiddenSize, maxLength].every((size) => Number.isSafeInteger(size) && size > 0)).toBe(true);
          expect(
            parameters.every(({ shape }) => shape.every((size) => Number.isSafeInteger(size) && size > 0)),
            `${key} ${String(value)}`,
          ).toBe(true);
        } catch (error) {
          if (!isGraftError(error)) throw error;
          expect(error.code).toBe("ARCHITECTURE_UNSUPPORTED");
        }
      }
    }
  }
});

test("a switch that changes an encoder in a way that is not built is named with its value", () => {
  const cases: readonly [config: Config, switches: Config, message: string][] = [
    ...[BERT, ROBERTA, DISTILBERT, DEBERTA, VIT].flatMap((config): [Config, Config, string][] => [
      [config, { is_decoder: true }, "is_decoder true, want false"],
      [config, { add_cross_attention: true }, "add_cross_attention true, want false"],
      [config, { pruned_heads: { 0: [1] } }, 'pruned_heads {"0":[1]}, want none'],
      [config, { quantization_config: { bits: 4 } }, 'quantization_config {"bits":4}, want none'],
    ]),
    [BERT, { position_embedding_type: "relative_key_query" }, 'position_embedding_type "relative_key_query", want "absolute"'],
    [ROBERTA, { position_embedding_type: "relative_key" }, 'position_embedding_type "relative_key", want "absolute"'],
    [ROBERTA, { pad_token_id: null }, "pad_token_id null, want a whole number from 0 to 49"],
    [ROBERTA, { pad_token_id: 50 }, "pad_token_id 50"],
    [ROBERTA, { pad_token_id: 30 }, "max_position_embeddings 24, want more than pad_token_id 30 + 1"],
    [DISTILBERT, { activation: "prelu" }, 'activation "prelu", want one of gelu'],
    [DISTILBERT, { n_heads: 3 }, "n_heads 3, want a divisor of dim 16"],
    [DEBERTA, { pos_att_type: "p2p" }, 'pos_att_type "p2p", want any of c2p, p2c'],
    [DEBERTA, { norm_rel_ebd: "batch_norm" }, 'norm_rel_ebd "batch_norm"'],
    [DEBERTA, { attention_head_size: 8 }, "attention_head_size 8, want hidden_size / num_attention_heads 4"],
    [DEBERTA, { conv_kernel_size: 4 }, "conv_kernel_size 4, want an odd number"],
    [DEBERTA, { conv_kernel_size: 3, conv_groups: 3 }, "conv_groups 3, want a divisor of hidden_size 16"],
    [DEBERTA, { conv_kernel_size: 3, conv_act: "prelu" }, 'conv_act "prelu"'],
    [DEBERTA, { position_buckets: 1 }, "position_buckets 1"],
    [DEBERTA, { max_relative_positions: 5 }, "position_buckets 8"],
    [DEBERTA, { max_position_embeddings: 1e6 }, "max_position_embeddings 1000000, want a whole number from 1 to 65536"],
    [VIT, { patch_size: 9 }, "patch_size 9, want at most image_size 8 × 8"],
    [VIT, { image_size: [8, 8, 8] }, "image_size [8,8,8], want one or two whole numbers"],
    [VIT, { num_attention_heads: 3 }, "num_attention_heads 3, want a divisor of hidden_size 16"],
  ];
  for (const [config, switches, message] of cases)
    expect(() => findFamily({ ...config, ...switches }).read({ ...config, ...switches }), message).toThrow(
      expect.objectContaining({ code: "ARCHITECTURE_UNSUPPORTED", message: expect.stringContaining(message) }),
    );
});
