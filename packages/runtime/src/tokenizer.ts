import { GraftError } from "@graft/error";
import { correctNormalizer } from "./bert-normalizer.ts";
import { type ChatTemplate, createChatTemplate } from "./chat-template.ts";
import { readTokenizerFiles, type SpecialName, type TokenizerJson } from "./tokenizer-json.ts";
import { type Library, library } from "./tokenizer-library.ts";
import { truncatePair } from "./truncate.ts";

/** Token ids of one text or pair, special tokens included, and which of the two texts each belongs to. */
export interface Encoding {
  readonly ids: readonly number[];
  readonly typeIds: readonly number[];
}

/** Token ids of words, and where each word begins. */
export interface WordEncoding extends Encoding {
  /** Position of each word's first token; undefined for a word that is cut off, or that has no token. */
  readonly wordStarts: readonly (number | undefined)[];
  /** Whether words were cut off. */
  readonly cut: boolean;
}

/** How a text is encoded. */
export interface EncodeOptions {
  /** A second text, as in entailment. */
  readonly pair?: string | undefined;
  /** Most tokens, special ones included; what is longer is cut at its end, the longer text of a pair first. */
  readonly maxLength?: number | undefined;
  /** Without the special tokens that stand around a text; those that are written in it count all the same. */
  readonly bare?: boolean | undefined;
}

/** Text to token ids, as the tokenizer.json of a model says. */
export interface Tokenizer {
  encode(text: string, options?: EncodeOptions): Encoding;
  /** Words as they are, not split at blanks: `is_split_into_words` of `transformers`, with `add_prefix_space` where blanks are part of tokens. */
  encodeWords(words: readonly string[], options?: Pick<EncodeOptions, "maxLength">): WordEncoding;
  decode(ids: readonly number[], options?: { readonly skipSpecial?: boolean }): string;
  /** One more than the highest id. */
  readonly vocabSize: number;
  readonly padId: number;
  /** Ids of the special tokens that the model has: `mask`, `cls`, … */
  readonly special: Readonly<Partial<Record<SpecialName, number>>>;
  /** Every id that stands for no text. */
  readonly specialIds: ReadonlySet<number>;
  /** Longest input that tokenizer_config.json allows, in tokens. */
  readonly maxLength: number | undefined;
  /** How conversations are written; undefined for a model that knows none. */
  readonly chat: ChatTemplate | undefined;
}

/** Reads a tokenizer from the parsed tokenizer.json and tokenizer_config.json. TOKENIZER_INVALID when it is broken. */
export function createTokenizer(tokenizerJson: unknown, tokenizerConfig?: unknown): Tokenizer {
  const files = readTokenizerFiles(tokenizerJson, tokenizerConfig);
  return new LibraryTokenizer(open(files.json, files.config), files);
}

/** Checks that a model with so many rows of word embeddings knows every token. TOKENIZER_INVALID. */
export function checkVocabulary(tokenizer: Tokenizer, rows: number): void {
  if (tokenizer.vocabSize <= rows) return;
  throw new GraftError(
    "TOKENIZER_INVALID",
    `Cannot use the tokenizer with this base: it has ${tokenizer.vocabSize} tokens, the base has ${rows} word embeddings`,
    {
      hint: "Use the tokenizer.json that belongs to the base",
    },
  );
}

function open(json: TokenizerJson, config: Readonly<Record<string, unknown>>): Library {
  try {
    const tokenizer = new library.Tokenizer(json, config);
    correctNormalizer(tokenizer);
    return tokenizer;
  } catch (cause) {
    throw new GraftError("TOKENIZER_INVALID", `Cannot read the tokenizer: ${(cause as Error).message}`, {
      cause,
      hint: "Pass the tokenizer.json of a Hugging Face model",
    });
  }
}

/** Stands for the tokens of a text, to see where they come among the special ones. */
const PLACE = "\u0000";

function bare(tokens: readonly string[], idOf: ReadonlyMap<string, number>): Encoding {
  return { ids: tokens.map((token) => idOf.get(token) ?? 0), typeIds: tokens.map(() => 0) };
}

class LibraryTokenizer implements Tokenizer {
  readonly vocabSize: number;
  readonly padId: number;
  readonly special: Readonly<Partial<Record<SpecialName, number>>>;
  readonly specialIds: ReadonlySet<number>;
  readonly maxLength: number | undefined;
  readonly chat: ChatTemplate | undefined;
  readonly #library: Library;

  constructor(tokenizer: Library, files: ReturnType<typeof readTokenizerFiles>) {
    this.#library = tokenizer;
    this.vocabSize = files.vocabSize;
    this.maxLength = files.maxLength;
    const ids = Object.entries(files.specialTokens).map(([name, token]) => [name, tokenizer.token_to_id(token)] as const);
    this.special = Object.fromEntries(ids.filter(([, id]) => id !== undefined));
    this.specialIds = new Set([...tokenizer.get_added_tokens_decoder()].flatMap(([id, token]) => (token.special ? [id] : [])));
    this.padId = this.special.pad ?? 0;
    const named = Object.fromEntries(Object.entries(files.specialTokens).map(([name, token]) => [`${name}_token`, token]));
    this.chat = files.chatTemplate === undefined ? undefined : createChatTemplate(files.chatTemplate, named);
  }

  encode(text: string, options: EncodeOptions = {}): Encoding {
    const idOf = new Map<string, number>();
    const tokens = this.#tokens(text, idOf);
    const pair = options.pair === undefined ? null : this.#tokens(options.pair, idOf);
    if (options.bare === true) return bare(tokens.slice(0, options.maxLength), idOf);
    if (options.maxLength !== undefined) {
      const special = this.#join([], pair === null ? null : []).tokens.length;
      truncatePair(tokens, pair, { room: options.maxLength - special, maxLength: options.maxLength });
    }
    const joined = this.#join(tokens, pair);
    const ids = joined.tokens.map((token) => idOf.get(token) ?? this.#library.token_to_id(token) ?? this.special.unk ?? 0);
    return { ids, typeIds: joined.token_type_ids ?? ids.map(() => 0) };
  }

  encodeWords(words: readonly string[], { maxLength = Number.POSITIVE_INFINITY }: Pick<EncodeOptions, "maxLength"> = {}): WordEncoding {
    const idOf = new Map<string, number>();
    const starts: number[] = [];
    const tokens: string[] = [];
    // Byte-level tokens say with their first character that a blank stands before them.
    const lead = this.#library.encode(" a", { add_special_tokens: false }).tokens[0]?.startsWith("\u0120") === true ? " " : "";
    for (const word of words) {
      const own = this.#tokens(`${lead}${word}`, idOf);
      starts.push(own.length === 0 ? -1 : tokens.length);
      tokens.push(...own);
    }
    const room = Math.max(0, maxLength - this.#join([], null).tokens.length);
    const cut = tokens.length > room;
    if (cut) tokens.length = room;
    const joined = this.#join(tokens, null);
    const offset = this.#join([PLACE], null).tokens.indexOf(PLACE);
    const ids = joined.tokens.map((token) => idOf.get(token) ?? this.#library.token_to_id(token) ?? this.special.unk ?? 0);
    return {
      ids,
      typeIds: joined.token_type_ids ?? ids.map(() => 0),
      wordStarts: starts.map((start) => (start < 0 || start >= tokens.length ? undefined : start + offset)),
      cut,
    };
  }

  decode(ids: readonly number[], options: { readonly skipSpecial?: boolean } = {}): string {
    return ids.length === 0 ? "" : this.#library.decode(ids, { skip_special_tokens: options.skipSpecial ?? true });
  }

  #tokens(text: string, idOf: Map<string, number>): string[] {
    const { ids, tokens } = this.#library.encode(text, { add_special_tokens: false });
    for (const [index, token] of tokens.entries()) idOf.set(token, ids[index] as number);
    return tokens;
  }

  /** Puts the special tokens around. */
  #join(tokens: readonly string[], pair: readonly string[] | null): { tokens: string[]; token_type_ids?: number[] } {
    const process = this.#library.post_processor;
    return process === null ? { tokens: [...tokens, ...(pair ?? [])] } : process.post_process(tokens, pair);
  }
}
