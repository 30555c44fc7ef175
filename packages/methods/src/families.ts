import type { HeadLayer } from "@graft/format";

type HeadActivation = NonNullable<HeadLayer["activation"]>;

/** A dense layer of a classifier. */
export interface ClassifierLayer {
  readonly module: string;
  readonly activation?: HeadActivation;
  /** Where config.json names the activation. */
  readonly activationKey?: string;
  readonly bias?: false;
}

/** Modules of a family's masked-language model behind the encoder. */
export interface LanguageModules {
  readonly dense: string;
  readonly norm: string;
  /** Whose `bias` is the decoder's; its weight is the table of word embeddings. */
  readonly decoder: string;
  /** Where config.json names the activation; GELU where the class has no choice. */
  readonly activationKey?: string;
}

/** What a family's conventions are: names in its `transformers` classes, and PEFT's default targets. */
export interface FamilyConventions {
  /** Path of the base in a task's class; also the family's own. */
  readonly prefix: string;
  /** Module names that the preset `attention` means. */
  readonly attention: readonly string[];
  /** The classifier of the family's sequence classification: the dense layers, by module in the task's class. */
  readonly classifier: readonly ClassifierLayer[];
  /** Its masked-language model; BERT's by default. */
  readonly languageModel?: LanguageModules;
  /** How its classifier makes one vector of the positions; of the first one by default. */
  readonly pooling?: "last";
  /** Module of its token classifier; `classifier` by default. */
  readonly tokenClassifier?: string;
}

/** Llama and its kin: `score` reads the last real token, as in LlamaForSequenceClassification. */
const LLAMA: FamilyConventions = {
  prefix: "model",
  attention: ["q_proj", "v_proj"],
  classifier: [{ module: "score", bias: false }],
  pooling: "last",
  tokenClassifier: "score",
};

/** BertForMaskedLM's, which DeBERTa keeps. */
export const BERT_LANGUAGE_MODEL: LanguageModules = {
  dense: "cls.predictions.transform.dense",
  norm: "cls.predictions.transform.LayerNorm",
  decoder: "cls.predictions",
  activationKey: "hidden_act",
};

/** Conventions by family. */
export const CONVENTIONS: Readonly<Record<string, FamilyConventions>> = {
  bert: {
    prefix: "bert",
    attention: ["query", "value"],
    classifier: [{ module: "bert.pooler.dense", activation: "tanh" }, { module: "classifier" }],
  },
  "deberta-v2": {
    prefix: "deberta",
    attention: ["query_proj", "value_proj"],
    classifier: [{ module: "pooler.dense", activation: "gelu", activationKey: "pooler_hidden_act" }, { module: "classifier" }],
  },
  distilbert: {
    prefix: "distilbert",
    attention: ["q_lin", "v_lin"],
    classifier: [{ module: "pre_classifier", activation: "relu" }, { module: "classifier" }],
    languageModel: { dense: "vocab_transform", norm: "vocab_layer_norm", decoder: "vocab_projector", activationKey: "activation" },
  },
  roberta: {
    prefix: "roberta",
    attention: ["query", "value"],
    classifier: [{ module: "classifier.dense", activation: "tanh" }, { module: "classifier.out_proj" }],
    languageModel: { dense: "lm_head.dense", norm: "lm_head.layer_norm", decoder: "lm_head" },
  },
  vit: {
    prefix: "vit",
    // The second pair is what exports from `transformers` before version 5 have.
    attention: ["q_proj", "v_proj", "attention.query", "attention.value"],
    classifier: [{ module: "classifier" }],
  },
  gpt2: { prefix: "transformer", attention: ["c_attn"], classifier: [{ module: "score", bias: false }], pooling: "last" },
  llama: LLAMA,
  mistral: LLAMA,
  qwen2: LLAMA,
  qwen3: LLAMA,
  smollm3: LLAMA,
};

const DEFAULT = CONVENTIONS["bert"] as FamilyConventions;

/** A family's conventions; BERT's for a base whose family nobody knows. */
export function conventionsOf(family: string | undefined): FamilyConventions {
  return (family === undefined ? undefined : CONVENTIONS[family]) ?? DEFAULT;
}

/** Modules that stand beside the base in the class of a task. */
const BESIDE: ReadonlySet<string> = new Set(["lm_head"]);

/** The path of a base's module in the class of the task: `encoder…` becomes `bert.encoder…`. */
export function taskModule(module: string, prefix: string): string {
  return prefix === "" || BESIDE.has(module) || module === prefix || module.startsWith(`${prefix}.`) ? module : `${prefix}.${module}`;
}
