import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pretrainingText } from "./text.ts";
import { learnWordPieces } from "./word-pieces.ts";

/** Learns the word pieces of tiny-english from its pre-training text and writes tokenizer.json beside the weights. */
const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
const SIZE = 8000;
/** Rarer characters are no letter of English. */
const MINIMUM_CHARACTERS = 20;

const folder = join(import.meta.dirname, "../tiny-english");
const text = pretrainingText();
const glosses = text.glosses.map(({ words, definition }) => `${words.join(", ")}: ${definition}`);
const pieces = learnWordPieces([...glosses, ...text.examples, ...text.prose], {
  size: SIZE,
  special: SPECIAL,
  minimumCharacters: MINIMUM_CHARACTERS,
});
const id = (piece: string): number => pieces.indexOf(piece);
const segment = (sequence: "A" | "B", type: number): object[] => [
  { Sequence: { id: sequence, type_id: type } },
  { SpecialToken: { id: "[SEP]", type_id: type } },
];
const start = { SpecialToken: { id: "[CLS]", type_id: 0 } };

const tokenizer = {
  version: "1.0",
  truncation: null,
  padding: null,
  added_tokens: SPECIAL.map((content) => ({
    id: id(content),
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
    single: [start, ...segment("A", 0)],
    pair: [start, ...segment("A", 0), ...segment("B", 1)],
    special_tokens: Object.fromEntries(
      ["[CLS]", "[SEP]"].map((content) => [content, { id: content, ids: [id(content)], tokens: [content] }]),
    ),
  },
  decoder: { type: "WordPiece", prefix: "##", cleanup: true },
  model: {
    type: "WordPiece",
    unk_token: "[UNK]",
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(pieces.map((piece, index) => [piece, index])),
  },
};
const configuration = {
  tokenizer_class: "BertTokenizer",
  do_lower_case: true,
  model_max_length: 128,
  pad_token: "[PAD]",
  unk_token: "[UNK]",
  cls_token: "[CLS]",
  sep_token: "[SEP]",
  mask_token: "[MASK]",
};

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "tokenizer.json"), `${JSON.stringify(tokenizer, null, 1)}\n`);
writeFileSync(join(folder, "tokenizer_config.json"), `${JSON.stringify(configuration, null, 2)}\n`);
process.stdout.write(
  `${pieces.length} pieces from ${glosses.length} glosses, ${text.examples.length} examples and ${text.prose.length} passages of prose\n`,
);
