/** Parts of a module's path whose matrices do not count for a base: exporters prune the first, tasks replace the second, exporters make the third. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  // Poolers.
  "pooler",
  "sequence_summary",
  "attention_pooler",
  // Task heads of transformers' classes.
  "classifier",
  "pre_classifier",
  "classification_head",
  "score",
  "qa_outputs",
  "qa_classifier",
  "start_logits",
  "end_logits",
  "lm_head",
  "cls",
  "predictions",
  "lm_predictions",
  "mask_predictions",
  "discriminator_predictions",
  "generator_predictions",
  "generator_lm_head",
  "vocab_transform",
  "vocab_projector",
  "logits_proj",
  "answer_class",
  "multiple_choice_head",
  "token_classifier",
  "head",
  "embed_out",
  "pred_layer",
  "projection_head",
  // Tables of angles that exporters compute once.
  "rotary_emb",
  "cos_cached",
  "sin_cached",
  "cos_cache",
  "sin_cache",
  "position_ids",
]);

/** Whether a module is left out of a base's fingerprint. */
export function isLeftOut(module: string): boolean {
  return module.split(".").some((part) => LEFT_OUT.has(part));
}
