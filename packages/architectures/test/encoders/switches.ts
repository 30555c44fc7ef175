import { ACTIVATIONS, type Config } from "@graft/architectures";

/** A checkpoint that `transformers` makes with random weights and saves. */
export interface EncoderCase {
  readonly config: Config;
  /** The class it is saved from; the bare model by default. */
  readonly task?: "sequence-classification" | "masked-language-modelling" | "image-classification";
  readonly dtype?: "float16" | "bfloat16";
  /** Largest size of a file in bytes. */
  readonly shard?: number;
  /** Names that older files give the parameters of a normalisation. */
  readonly legacy?: boolean;
  /** Compares the gradient of every weight too. */
  readonly gradients?: boolean;
}

const LAYERS = { hidden_size: 16, intermediate_size: 24, num_attention_heads: 4, num_hidden_layers: 2 } as const;
const TEXT = { ...LAYERS, vocab_size: 50, max_position_embeddings: 24 } as const;

/** A BERT of two narrow layers. */
export const BERT: Config = { model_type: "bert", ...TEXT, type_vocab_size: 2, pad_token_id: 0 };
/** A RoBERTa of two narrow layers. */
export const ROBERTA: Config = { model_type: "roberta", ...TEXT, type_vocab_size: 1, pad_token_id: 1, layer_norm_eps: 1e-5 };
/** A DistilBERT of two narrow layers. */
export const DISTILBERT: Config = {
  model_type: "distilbert",
  dim: 16,
  hidden_dim: 24,
  n_heads: 4,
  n_layers: 2,
  vocab_size: 50,
  max_position_embeddings: 24,
  pad_token_id: 0,
};
/** A DeBERTa-v3 of two narrow layers: logarithmic buckets, one projection for words and distances, no table of positions. */
export const DEBERTA: Config = {
  model_type: "deberta-v2",
  ...TEXT,
  type_vocab_size: 0,
  pad_token_id: 0,
  relative_attention: true,
  position_buckets: 8,
  max_relative_positions: -1,
  norm_rel_ebd: "layer_norm",
  share_att_key: true,
  pos_att_type: "p2c|c2p",
  position_biased_input: false,
  layer_norm_eps: 1e-7,
};
/** A ViT of two narrow layers over four patches. */
export const VIT: Config = { model_type: "vit", ...LAYERS, image_size: 8, patch_size: 4, num_channels: 3 };

const activations = Object.fromEntries(
  Object.keys(ACTIVATIONS).map((hidden_act) => [`BERT with ${hidden_act}`, { config: { ...BERT, num_hidden_layers: 1, hidden_act } }]),
);

/** Every switch that changes what a family computes, and every form that its files have. */
export const ENCODER_CASES: Readonly<Record<string, EncoderCase>> = {
  BERT: { config: BERT, gradients: true },
  "BERT as a task class saves it": { config: BERT, task: "sequence-classification" },
  "BERT as pre-training saves it": { config: BERT, task: "masked-language-modelling" },
  "BERT with the names of older files": { config: BERT, task: "sequence-classification", legacy: true },
  "BERT in float16": { config: BERT, dtype: "float16" },
  "BERT in bfloat16 and shards": { config: BERT, dtype: "bfloat16", shard: 4_000 },
  "BERT with one head, three types and a large epsilon": {
    config: { ...BERT, num_attention_heads: 1, type_vocab_size: 3, layer_norm_eps: 0.01 },
  },
  ...activations,

  RoBERTa: { config: ROBERTA, gradients: true },
  "RoBERTa as a task class saves it": { config: ROBERTA, task: "sequence-classification" },
  "RoBERTa with two types and another padding": { config: { ...ROBERTA, type_vocab_size: 2, pad_token_id: 5 } },
  "RoBERTa with padding 0, relu and a large epsilon": { config: { ...ROBERTA, pad_token_id: 0, hidden_act: "relu", layer_norm_eps: 0.01 } },
  "XLM-R in shards of float16": {
    config: { ...ROBERTA, model_type: "xlm-roberta" },
    task: "masked-language-modelling",
    shard: 4_000,
    dtype: "float16",
  },
  CamemBERT: { config: { ...ROBERTA, model_type: "camembert" } },

  DistilBERT: { config: DISTILBERT, gradients: true },
  "DistilBERT as a task class saves it": { config: DISTILBERT, task: "sequence-classification" },
  "DistilBERT with sinusoidal positions, one head and gelu_new": {
    config: { ...DISTILBERT, sinusoidal_pos_embds: true, n_heads: 1, activation: "gelu_new" },
  },
  "DistilBERT in bfloat16": { config: { ...DISTILBERT, n_layers: 1 }, dtype: "bfloat16" },

  "DeBERTa-v3": { config: DEBERTA, gradients: true },
  "DeBERTa-v3 as a task class saves it": { config: DEBERTA, task: "sequence-classification" },
  "DeBERTa-v2 xlarge, with a convolution": {
    config: { ...DEBERTA, conv_kernel_size: 3, conv_act: "gelu", attention_head_size: 4 },
    gradients: true,
  },
  "DeBERTa-v2 with a wide convolution in groups and its usual activation": { config: { ...DEBERTA, conv_kernel_size: 5, conv_groups: 4 } },
  "DeBERTa-v2 with projections for distances": { config: { ...DEBERTA, share_att_key: false }, gradients: true },
  "DeBERTa-v2 that scores content to position only": { config: { ...DEBERTA, pos_att_type: ["c2p"], share_att_key: false } },
  "DeBERTa-v2 that scores position to content only": { config: { ...DEBERTA, pos_att_type: ["p2c"], share_att_key: false } },
  "DeBERTa-v2 that scores position to content with shared keys": { config: { ...DEBERTA, pos_att_type: "p2c" } },
  "DeBERTa-v2 without buckets, distances clipped": { config: { ...DEBERTA, position_buckets: -1, max_relative_positions: 4 } },
  "DeBERTa-v2 with few buckets and short distances": { config: { ...DEBERTA, position_buckets: 6, max_relative_positions: 9 } },
  "DeBERTa-v2 with an odd number of buckets": { config: { ...DEBERTA, position_buckets: 7, max_relative_positions: 24 } },
  "DeBERTa-v2 with distances that are not normalised": { config: { ...DEBERTA, norm_rel_ebd: "none" } },
  "DeBERTa-v2 that scores no distance": { config: { ...DEBERTA, pos_att_type: null } },
  "DeBERTa-v2 without relative attention": {
    config: { ...DEBERTA, relative_attention: false, norm_rel_ebd: "none", position_biased_input: true },
  },
  "DeBERTa-v2 with positions, types and narrow embeddings": {
    config: { ...DEBERTA, position_biased_input: true, type_vocab_size: 2, embedding_size: 6, hidden_act: "relu" },
  },
  "DeBERTa-v2 with one type": { config: { ...DEBERTA, type_vocab_size: 1, legacy: false, num_hidden_layers: 1 } },
  "DeBERTa-v2 in float16": { config: { ...DEBERTA, num_hidden_layers: 1 }, dtype: "float16" },

  ViT: { config: VIT, gradients: true },
  "ViT as a task class saves it": { config: VIT, task: "image-classification" },
  "ViT without biases of query, key and value": { config: { ...VIT, qkv_bias: false, hidden_act: "gelu_new", layer_norm_eps: 0.01 } },
  "ViT of oblong patches of an oblong image of one channel": {
    config: { ...VIT, image_size: [8, 13], patch_size: [2, 4], num_channels: 1 },
  },
  "ViT with heads of another width": { config: { ...VIT, head_dim: 6, num_attention_heads: 2 } },
  "ViT in bfloat16 and shards": { config: VIT, dtype: "bfloat16", shard: 4_000 },
};
