import { GraftError } from "@graft/error";
import type { Encoding, Tokenizer } from "@graft/runtime";

/** A row: a text, a pair of texts, or tokens. */
export type Row =
  | string
  | { readonly text: string; readonly pair?: string | undefined }
  | { readonly ids: readonly number[]; readonly typeIds?: readonly number[] | undefined };

/** Tokens of rows, cut to the longest that the base takes. TOKENIZER_INVALID for a text where the base has no tokenizer. */
export function encodeRows(
  rows: readonly Row[],
  options: { readonly tokenizer: Tokenizer | undefined; readonly maxLength: number },
): Encoding[] {
  return rows.map((row) => {
    if (typeof row !== "string" && "ids" in row) return { ids: row.ids, typeIds: row.typeIds ?? row.ids.map(() => 0) };
    if (options.tokenizer === undefined) {
      throw new GraftError("TOKENIZER_INVALID", "Cannot run on a text: the base has no tokenizer", {
        hint: "Put tokenizer.json beside the base, or pass `tokenizer`",
      });
    }
    const { text, pair } = typeof row === "string" ? { text: row, pair: undefined } : row;
    return options.tokenizer.encode(text, { maxLength: options.maxLength, ...(pair === undefined ? {} : { pair }) });
  });
}
