import { GraftError } from "@graft/error";

/** Roles of special tokens. */
export type SpecialName = "pad" | "unk" | "cls" | "sep" | "mask" | "bos" | "eos";

/** What the checks below have seen of a tokenizer.json. */
export interface TokenizerJson extends Readonly<Record<string, unknown>> {
  readonly model: Readonly<Record<string, unknown>>;
  readonly added_tokens: readonly AddedToken[];
}

interface AddedToken {
  readonly id: number;
  readonly content: string;
}

/** Spellings by which a role is recognised when tokenizer_config.json does not tell. */
const USUAL: Readonly<Record<SpecialName, readonly string[]>> = {
  pad: ["[PAD]", "<pad>"],
  unk: ["[UNK]", "<unk>"],
  cls: ["[CLS]", "<s>"],
  sep: ["[SEP]", "</s>"],
  mask: ["[MASK]", "<mask>"],
  bos: ["<s>", "<|endoftext|>"],
  eos: ["</s>", "<|endoftext|>"],
};

/** Models that the library has; of an unknown one it would guess. */
const MODELS: readonly unknown[] = ["WordPiece", "BPE", "Unigram", undefined];

/** Above this, `model_max_length` is a placeholder: `transformers` writes 1e30 for "no limit". */
const NO_LIMIT = 2 ** 31;

/** Checks both files and gathers what the library does not tell. TOKENIZER_INVALID. */
export function readTokenizerFiles(tokenizerJson: unknown, tokenizerConfig: unknown) {
  const json = checkJson(tokenizerJson);
  const config = isRecord(tokenizerConfig) ? tokenizerConfig : {};
  const words = vocabulary(json.model);
  const known = new Set([...words.keys(), ...json.added_tokens.map(({ content }) => content)]);
  let highest = -1;
  for (const id of words.values()) highest = Math.max(highest, id);
  for (const { id } of json.added_tokens) highest = Math.max(highest, id);
  const limit = config["model_max_length"];
  return {
    json: followConfig(json, config),
    config,
    vocabSize: highest + 1,
    maxLength: typeof limit === "number" && limit > 0 && limit < NO_LIMIT ? limit : undefined,
    specialTokens: specialTokens(config, known),
    chatTemplate: chatTemplate(config),
  };
}

function checkJson(value: unknown): TokenizerJson {
  if (!isRecord(value) || !isRecord(value["model"])) throw invalid("tokenizer.json has no model");
  if (!MODELS.includes(value["model"]["type"]))
    throw invalid(`its model is "${String(value["model"]["type"])}", want WordPiece, BPE or Unigram`);
  const added = value["added_tokens"] ?? [];
  if (
    !Array.isArray(added) ||
    !added.every((token) => isRecord(token) && Number.isSafeInteger(token["id"]) && typeof token["content"] === "string")
  ) {
    throw invalid("the added_tokens of tokenizer.json are no list of ids and contents");
  }
  const optional = Object.fromEntries(["normalizer", "pre_tokenizer", "post_processor", "decoder"].map((key) => [key, value[key] ?? null]));
  return { ...value, ...optional, model: value["model"], added_tokens: added as AddedToken[] };
}

/** Words and their ids, of the two forms a vocabulary has: an object, or a list of [word, score] whose ids are their places. */
function vocabulary(model: Readonly<Record<string, unknown>>): Map<string, number> {
  const vocab = model["vocab"];
  const entries = Array.isArray(vocab)
    ? vocab.map((entry, index) => [Array.isArray(entry) ? entry[0] : entry, index] as const)
    : isRecord(vocab)
      ? Object.entries(vocab)
      : [];
  if (entries.length === 0) throw invalid("tokenizer.json has no vocabulary");
  for (const [word, id] of entries) {
    if (typeof word !== "string" || typeof id !== "number" || !Number.isSafeInteger(id) || id < 0)
      throw invalid("the vocabulary of tokenizer.json does not map words to ids");
  }
  return new Map(entries as [string, number][]);
}

/** `transformers` lets tokenizer_config.json overrule the normaliser of BERT; so a base means the same here. */
function followConfig(json: TokenizerJson, config: Readonly<Record<string, unknown>>): TokenizerJson {
  const normalizer = json["normalizer"];
  if (!isRecord(normalizer) || normalizer["type"] !== "BertNormalizer") return json;
  const rules = [
    ["do_lower_case", "lowercase"],
    ["strip_accents", "strip_accents"],
    ["tokenize_chinese_chars", "handle_chinese_chars"],
  ] as const;
  const overruled = rules.flatMap(([from, to]) => (config[from] === undefined ? [] : [[to, config[from]] as const]));
  return { ...json, normalizer: { ...normalizer, ...Object.fromEntries(overruled) } };
}

function specialTokens(config: Readonly<Record<string, unknown>>, known: ReadonlySet<string>): Partial<Record<SpecialName, string>> {
  const found: Partial<Record<SpecialName, string>> = {};
  for (const name of Object.keys(USUAL) as SpecialName[]) {
    const entry = config[`${name}_token`];
    const told = isRecord(entry) ? entry["content"] : entry;
    const token = typeof told === "string" ? told : USUAL[name].find((text) => known.has(text));
    if (token !== undefined && known.has(token)) found[name] = token;
  }
  return found;
}

/** The template of conversations; of several, the one that is called "default". */
function chatTemplate(config: Readonly<Record<string, unknown>>): string | undefined {
  const told = config["chat_template"];
  const named = Array.isArray(told) ? told.find((entry) => isRecord(entry) && entry["name"] === "default") : undefined;
  const source: unknown = isRecord(named) ? named["template"] : told;
  return typeof source === "string" ? source : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(why: string): GraftError {
  return new GraftError("TOKENIZER_INVALID", `Cannot read the tokenizer: ${why}`, {
    hint: "Pass the tokenizer.json of a Hugging Face model",
  });
}
