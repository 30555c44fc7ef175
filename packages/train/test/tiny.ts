import { createTokenizer, type Tokenizer } from "@graft/runtime";
import { randomBase } from "@graft/train";
import type { Base } from "@graft/architectures";

const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
/** Words the little tokenizer knows. */
const WORDS =
  "a the of in and small large red green old new cat dog bird oak rose fern town river hill eats sees grows stands sings near under over with for long short wild tame tall flat".split(
    " ",
  );

/** tokenizer.json of whole words. */
export const TOKENIZER_JSON = {
  version: "1.0",
  truncation: null,
  padding: null,
  added_tokens: SPECIAL.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
  pre_tokenizer: { type: "BertPreTokenizer" },
  post_processor: {
    type: "TemplateProcessing",
    single: [
      { SpecialToken: { id: "[CLS]", type_id: 0 } },
      { Sequence: { id: "A", type_id: 0 } },
      { SpecialToken: { id: "[SEP]", type_id: 0 } },
    ],
    pair: [
      { SpecialToken: { id: "[CLS]", type_id: 0 } },
      { Sequence: { id: "A", type_id: 0 } },
      { SpecialToken: { id: "[SEP]", type_id: 0 } },
      { Sequence: { id: "B", type_id: 1 } },
      { SpecialToken: { id: "[SEP]", type_id: 1 } },
    ],
    special_tokens: Object.fromEntries(
      ["[CLS]", "[SEP]"].map((content) => [content, { id: content, ids: [SPECIAL.indexOf(content)], tokens: [content] }]),
    ),
  },
  decoder: { type: "WordPiece", prefix: "##", cleanup: true },
  model: {
    type: "WordPiece",
    unk_token: "[UNK]",
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries([...SPECIAL, ...WORDS].map((piece, index) => [piece, index])),
  },
};

/** config.json of a BERT of two narrow layers. */
export const CONFIG = {
  model_type: "bert",
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  vocab_size: SPECIAL.length + WORDS.length,
  max_position_embeddings: 32,
  type_vocab_size: 2,
  hidden_act: "gelu",
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  layer_norm_eps: 1e-12,
};

export const tinyBase = (seed = 1): Base => randomBase(CONFIG, { seed });
export const tinyTokenizer = (): Tokenizer =>
  createTokenizer(TOKENIZER_JSON, {
    tokenizer_class: "BertTokenizer",
    mask_token: "[MASK]",
    pad_token: "[PAD]",
    cls_token: "[CLS]",
    sep_token: "[SEP]",
    unk_token: "[UNK]",
  });

/** Sentences of three classes that a word tells apart. */
export function tinyRows(count: number): { text: string; label: string }[] {
  const kinds = { animal: ["cat", "dog", "bird"], plant: ["oak", "rose", "fern"], place: ["town", "river", "hill"] } as const;
  return Array.from({ length: count }, (_, index) => {
    const label = (["animal", "plant", "place"] as const)[index % 3] ?? "animal";
    const word = (offset: number): string => WORDS[(index * 7 + offset * 5) % 11] ?? "a";
    const noun = kinds[label][Math.floor(index / 3) % 3] ?? "cat";
    return { text: [word(1), word(2), noun, ...Array.from({ length: index % 5 }, (__, extra) => word(extra + 3))].join(" "), label };
  });
}
