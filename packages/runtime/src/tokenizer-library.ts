import * as untyped from "@huggingface/tokenizers";

/** What is used of the tokenizer of @huggingface/tokenizers. */
export interface Library {
  normalizer: LibraryNormalizer | null;
  readonly post_processor: {
    post_process(tokens: readonly string[], pair: readonly string[] | null): { tokens: string[]; token_type_ids?: number[] };
  } | null;
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[]; tokens: string[] };
  decode(ids: readonly number[], options: { skip_special_tokens: boolean }): string;
  token_to_id(token: string): number | undefined;
  get_added_tokens_decoder(): Map<number, { readonly special: boolean }>;
}

/** A step that changes the text before it is split. */
export interface LibraryNormalizer {
  readonly config: Readonly<Record<string, unknown>>;
  normalize(text: string): string;
}

/** The library's classes. Its own declarations import without extensions, which Node's resolution does not follow. */
export const library = untyped as unknown as {
  readonly Tokenizer: new (tokenizerJson: object, tokenizerConfig: object) => Library;
  readonly BertNormalizer: new (config: Readonly<Record<string, unknown>>) => LibraryNormalizer;
};
