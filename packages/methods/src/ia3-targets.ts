/** What IA³ scales in a family: the layers, and those of them whose input is scaled. */
export interface Ia3Targets {
  readonly targets: readonly string[];
  readonly feedforward: readonly string[];
}

const BERT: Ia3Targets = { targets: ["key", "value", "output.dense"], feedforward: ["output.dense"] };
const LLAMA: Ia3Targets = { targets: ["k_proj", "v_proj", "down_proj"], feedforward: ["down_proj"] };
const QWEN: Ia3Targets = { targets: ["q_proj", "v_proj", "down_proj"], feedforward: ["down_proj"] };

/** PEFT's choices; those of DistilBERT and ViT, which it has none for, follow BERT's. */
const IA3_TARGETS: Readonly<Record<string, Ia3Targets>> = {
  bert: BERT,
  roberta: BERT,
  "xlm-roberta": BERT,
  vit: BERT,
  distilbert: { targets: ["k_lin", "v_lin", "ffn.lin2"], feedforward: ["ffn.lin2"] },
  "deberta-v2": { targets: ["key_proj", "value_proj", "output.dense"], feedforward: ["output.dense"] },
  gpt2: { targets: ["c_attn", "mlp.c_proj"], feedforward: ["mlp.c_proj"] },
  llama: LLAMA,
  mistral: LLAMA,
  smollm: LLAMA,
  qwen2: QWEN,
  qwen3: QWEN,
};

/** The family's own layers, BERT's for a family that nobody knows. */
export function ia3Targets(family: string | undefined): Ia3Targets {
  return (family !== undefined && Object.hasOwn(IA3_TARGETS, family) ? IA3_TARGETS[family] : undefined) ?? BERT;
}
