import { library, type Library } from "./tokenizer-library.ts";

/** Ideographs beyond the basic plane: the blocks that BERT's own tokenizer sets apart, which the library sees as halves. */
const RARE_IDEOGRAPHS = /[\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B820}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu;

/** BERT's normaliser, letter by letter as the tokenizers of Python do it. */
class BertNormalizer extends library.BertNormalizer {
  override normalize(text: string): string {
    const { lowercase, handle_chinese_chars: apart } = this.config;
    const spaced = apart === true ? text.replaceAll(RARE_IDEOGRAPHS, " $& ") : text;
    // JavaScript lower-cases whole words, and knows a special sigma for their ends.
    return super.normalize(lowercase === true ? spaced.replaceAll("Σ", "σ") : spaced);
  }
}

/** Replaces the library's BERT normaliser, where a tokenizer has it. */
export function correctNormalizer(tokenizer: Library): void {
  if (tokenizer.normalizer instanceof library.BertNormalizer) tokenizer.normalizer = new BertNormalizer(tokenizer.normalizer.config);
}
