/** What PEFT puts before every module path. */
export const KEY_PREFIX = "base_model.model.";

/** What a target is in the base: a dense layer, a table of embeddings, or a convolution. */
export type TargetKind = "linear" | "embedding" | "convolution";

/** Keys of a target's pair: A is [rank, in], B is [out, rank]; PEFT names those of an embedding differently. */
export function loraKeys(module: string, kind: TargetKind = "linear"): { readonly a: string; readonly b: string } {
  const stem = `${KEY_PREFIX}${module}`;
  return kind === "embedding"
    ? { a: `${stem}.lora_embedding_A`, b: `${stem}.lora_embedding_B` }
    : { a: `${stem}.lora_A.weight`, b: `${stem}.lora_B.weight` };
}

/** Key of a whole tensor: PEFT's saved form of `modules_to_save`. */
export function wholeKey(module: string, part: "weight" | "bias"): string {
  return `${KEY_PREFIX}${module}.${part}`;
}
