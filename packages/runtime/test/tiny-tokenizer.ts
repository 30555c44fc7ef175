/** The pieces of a tokenizer small enough to read. */
export const PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "##b", "##c", "cafe", "σ", "!", "字", "𠀀"];

const special = (id: number, content: string) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

/** A WordPiece tokenizer.json as BERT's, with any part replaced. */
export function tinyTokenizer(parts: Record<string, unknown> = {}): Record<string, unknown> {
  const sequence = (id: "A" | "B", type: number) => [{ Sequence: { id, type_id: type } }, { SpecialToken: { id: "[SEP]", type_id: type } }];
  const start = { SpecialToken: { id: "[CLS]", type_id: 0 } };
  return {
    version: "1.0",
    added_tokens: PIECES.slice(0, 5).map((content, id) => special(id, content)),
    normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [start, ...sequence("A", 0)],
      pair: [start, ...sequence("A", 0), ...sequence("B", 1)],
      special_tokens: {},
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(PIECES.map((piece, id) => [piece, id])),
    },
    ...parts,
  };
}
