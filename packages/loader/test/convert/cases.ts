type Name = "bert" | "scores" | "tagger" | "roberta" | "gpt2" | "generator" | "llama";

/** One adapter that PEFT makes. */
export interface PeftCase {
  readonly name: string;
  readonly base: Name;
  /** Another class of transformers than the base's own. */
  readonly class?: string;
  readonly type?: "ia3";
  readonly config: Readonly<Record<string, unknown>>;
  /** Why PEFT's own merge gives other logits than its attached adapter. */
  readonly mergesOtherwise?: string;
}

const SIZE = {
  hidden_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  vocab_size: 60,
  intermediate_size: 48,
  max_position_embeddings: 32,
};

/** Small bases with random weights, by name. */
export const BASES: Readonly<
  Record<Name, { readonly class: string; readonly labels?: number; readonly config: Readonly<Record<string, unknown>> }>
> = {
  bert: { class: "BertForSequenceClassification", labels: 3, config: { model_type: "bert", ...SIZE } },
  scores: { class: "BertForSequenceClassification", labels: 1, config: { model_type: "bert", ...SIZE } },
  tagger: { class: "BertForTokenClassification", labels: 3, config: { model_type: "bert", ...SIZE } },
  roberta: { class: "RobertaForSequenceClassification", labels: 3, config: { model_type: "roberta", ...SIZE } },
  gpt2: {
    class: "GPT2ForSequenceClassification",
    labels: 3,
    config: { model_type: "gpt2", n_embd: 32, n_layer: 2, n_head: 4, vocab_size: 60, n_positions: 32, pad_token_id: 0 },
  },
  llama: {
    class: "LlamaForSequenceClassification",
    labels: 3,
    config: { model_type: "llama", ...SIZE, num_key_value_heads: 2, pad_token_id: 0 },
  },
  generator: {
    class: "GPT2LMHeadModel",
    config: { model_type: "gpt2", n_embd: 32, n_layer: 2, n_head: 4, vocab_size: 60, n_positions: 32 },
  },
};

const QV = { r: 4, lora_alpha: 6, target_modules: ["query", "value"], task_type: "SEQ_CLS" };

const TIED = "it merges into the weight that the other layer shares";

/** Adapters on tied weights: what PEFT does to one of two layers cannot be said, rows change both. */
export const TIED_CASES: readonly (PeftCase & { readonly refused?: RegExp })[] = [
  {
    name: "rows",
    base: "generator",
    config: { ...QV, target_modules: ["c_attn"], trainable_token_indices: [5], task_type: "CAUSAL_LM" },
  },
  {
    name: "the table trained whole",
    base: "generator",
    config: { ...QV, target_modules: ["c_attn"], modules_to_save: ["wte"], task_type: "CAUSAL_LM" },
    refused: /replaces "transformer\.wte\.weight", which another layer shares/,
  },
  {
    name: "the head trained whole",
    base: "generator",
    config: { ...QV, target_modules: ["c_attn"], modules_to_save: ["lm_head"], task_type: "CAUSAL_LM" },
    refused: /replaces "lm_head\.weight", which another layer shares/,
  },
];

/** What PEFT can do with LoRA and (IA)³, one switch at a time. */
export const CASES: readonly PeftCase[] = [
  { name: "lora", base: "bert", config: QV },
  { name: "lora with dropout, Gaussian start", base: "bert", config: { ...QV, lora_dropout: 0.1, init_lora_weights: "gaussian" } },
  { name: "rsLoRA", base: "bert", config: { ...QV, use_rslora: true } },
  {
    name: "rank and alpha patterns",
    base: "bert",
    config: {
      ...QV,
      target_modules: "all-linear",
      rank_pattern: { "layer.0.attention.self.query": 2, "output.dense": 6 },
      alpha_pattern: { "^.*value": 3 },
    },
  },
  {
    name: "rsLoRA with patterns",
    base: "bert",
    config: { ...QV, use_rslora: true, rank_pattern: { query: 2 }, alpha_pattern: { value: 9 } },
  },
  {
    name: "a regular expression",
    base: "bert",
    config: { ...QV, target_modules: String.raw`.*layer\.\d+\.(attention\.self\.key|intermediate\.dense)` },
  },
  { name: "excluded modules", base: "bert", config: { ...QV, exclude_modules: ["layer.0.attention.self.query"] } },
  { name: "one layer", base: "bert", config: { ...QV, layers_to_transform: [1] } },
  { name: "one layer by its pattern", base: "bert", config: { ...QV, layers_to_transform: 0, layers_pattern: "layer" } },
  { name: "the dense layer of the pooler too", base: "bert", config: { ...QV, target_modules: ["query", "dense"] } },
  { name: "another module trained whole", base: "bert", config: { ...QV, modules_to_save: ["intermediate.dense"] } },
  { name: "the word embeddings trained whole", base: "bert", config: { ...QV, modules_to_save: ["word_embeddings"] } },
  { name: "biases of the targets", base: "bert", config: { ...QV, bias: "lora_only" } },
  { name: "all biases", base: "bert", config: { ...QV, bias: "all" } },
  { name: "a bias of B", base: "bert", config: { ...QV, lora_bias: true } },
  {
    name: "a parameter as the target",
    base: "bert",
    config: { ...QV, target_modules: [], target_parameters: ["query.weight", "intermediate.dense.weight"] },
  },
  { name: "PiSSA", base: "bert", config: { ...QV, init_lora_weights: "pissa" } },
  {
    name: "OLoRA",
    base: "bert",
    config: { ...QV, init_lora_weights: "olora", target_modules: ["query", "intermediate.dense", "output.dense"] },
  },
  { name: "DoRA", base: "bert", config: { ...QV, use_dora: true } },
  {
    name: "DoRA on every linear layer, rsLoRA",
    base: "bert",
    config: { ...QV, use_dora: true, use_rslora: true, target_modules: "all-linear" },
  },
  {
    name: "IA3",
    base: "bert",
    type: "ia3",
    config: { target_modules: ["key", "value", "output.dense"], feedforward_modules: ["output.dense"], task_type: "SEQ_CLS" },
  },
  { name: "embeddings", base: "bert", config: { ...QV, target_modules: ["query", "word_embeddings"] } },
  { name: "trainable tokens", base: "bert", config: { ...QV, trainable_token_indices: [5, 40, 9] } },
  { name: "the bare model", base: "bert", class: "BertModel", config: { ...QV, task_type: "FEATURE_EXTRACTION" } },
  { name: "a regression", base: "scores", config: QV },
  { name: "a class for every token", base: "tagger", config: { ...QV, task_type: "TOKEN_CLS" } },
  { name: "a head of two layers", base: "roberta", config: QV },
  { name: "a language model", base: "generator", config: { ...QV, target_modules: ["c_attn"], task_type: "CAUSAL_LM" } },
  {
    name: "its tied head",
    base: "generator",
    config: { ...QV, target_modules: ["c_attn", "lm_head"], task_type: "CAUSAL_LM" },
    mergesOtherwise: TIED,
  },
  {
    name: "its tied table",
    base: "generator",
    config: { ...QV, target_modules: ["c_attn", "wte"], task_type: "CAUSAL_LM" },
    mergesOtherwise: TIED,
  },
  { name: "Conv1D", base: "gpt2", config: { ...QV, target_modules: ["c_attn", "c_proj", "c_fc"], fan_in_fan_out: true } },
  { name: "Conv1D, which corrects its own direction", base: "gpt2", config: { ...QV, target_modules: ["c_attn"] } },
  {
    name: "DoRA on Conv1D",
    base: "gpt2",
    config: { ...QV, target_modules: ["c_attn", "mlp.c_proj"], use_dora: true, fan_in_fan_out: true },
  },
  {
    name: "IA3 on Conv1D",
    base: "gpt2",
    type: "ia3",
    config: { target_modules: ["c_attn", "mlp.c_proj"], feedforward_modules: ["mlp.c_proj"], task_type: "SEQ_CLS", fan_in_fan_out: true },
  },
  {
    name: "PiSSA on Conv1D",
    base: "gpt2",
    config: { ...QV, target_modules: ["c_attn"], fan_in_fan_out: true, init_lora_weights: "pissa" },
  },
  { name: "grouped-query attention", base: "llama", config: { ...QV, target_modules: ["q_proj", "k_proj", "v_proj", "down_proj"] } },
];

/** Adapters on all-MiniLM-L6-v2, whose exports have other names and orientations than the checkpoint. */
export const REAL_CASES: readonly { readonly class: string; readonly type?: "ia3"; readonly config: Readonly<Record<string, unknown>> }[] =
  [
    {
      class: "BertModel",
      config: {
        r: 8,
        lora_alpha: 12,
        target_modules: ["query", "value", "output.dense", "word_embeddings"],
        rank_pattern: { "layer.0.attention.self.query": 4 },
        task_type: "FEATURE_EXTRACTION",
      },
    },
    {
      class: "BertModel",
      config: { r: 4, target_modules: ["query", "intermediate.dense"], use_dora: true, task_type: "FEATURE_EXTRACTION" },
    },
    { class: "BertModel", type: "ia3", config: { target_modules: ["key", "output.dense"], feedforward_modules: ["output.dense"] } },
    { class: "BertForSequenceClassification", config: { r: 8, target_modules: ["query", "value"], task_type: "SEQ_CLS" } },
  ];
