/** Shape of tiny-english: BERT, small enough to be trained from nothing on two cores. */
export const CONFIG = {
  architectures: ["BertModel"],
  model_type: "bert",
  vocab_size: 8000,
  hidden_size: 256,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  intermediate_size: 1024,
  hidden_act: "gelu",
  max_position_embeddings: 128,
  type_vocab_size: 2,
  layer_norm_eps: 1e-12,
  initializer_range: 0.02,
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  pad_token_id: 0,
} as const;
