/** What PEFT puts before every module path. */
export const KEY_PREFIX = "base_model.model.";

/** Keys of a target's pair: A is [rank, in], B is [out, rank]. */
export function loraKeys(module: string): { readonly a: string; readonly b: string } {
  return { a: `${KEY_PREFIX}${module}.lora_A.weight`, b: `${KEY_PREFIX}${module}.lora_B.weight` };
}

/** Key of a whole tensor: PEFT's saved form of `modules_to_save`. */
export function wholeKey(module: string, part: "weight" | "bias"): string {
  return `${KEY_PREFIX}${module}.${part}`;
}
