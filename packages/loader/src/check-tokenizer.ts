import { GraftError } from "@graft/error";
import type { Manifest } from "@graft/format";

/** BASE_MISMATCH where an adapter was trained with another tokenizer. */
export function checkTokenizer(
  { base }: Pick<Manifest, "base">,
  options: { readonly name: string; readonly digest: string | undefined; readonly allowMismatch: boolean },
): void {
  const { name, digest, allowMismatch } = options;
  if (base.tokenizer === undefined || digest === undefined || base.tokenizer === digest || allowMismatch) return;
  throw new GraftError(
    "BASE_MISMATCH",
    `Cannot load "${name}": it was trained with another tokenizer: this one is ${digest}, want ${base.tokenizer}`,
    {
      hint: "Put the tokenizer.json it was trained with beside the base, or pass `tokenizer`",
      detail: { found: digest, wanted: base.tokenizer },
    },
  );
}
