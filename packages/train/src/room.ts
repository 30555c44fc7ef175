import { GraftError } from "@graft/error";
import { type MethodOptions, positionsOf } from "@graft/methods";
import type { Settings } from "./defaults.ts";
import type { TrainOptions } from "./options.ts";

/** Positions of a base: those that a method inserts into every row, and those that are left for tokens. */
export interface Room {
  readonly inserted: number;
  readonly left: number;
}

/** How a method divides the longest row of a base. USAGE when it leaves nothing. */
export function roomOf(base: { readonly name: string; readonly maxLength: number }, method: MethodOptions): Room {
  const inserted = positionsOf(method);
  const left = base.maxLength - inserted;
  if (left >= 1) return { inserted, left };
  throw new GraftError(
    "USAGE",
    `Cannot insert ${inserted} positions: rows of "${base.name}" have at most ${base.maxLength}, and none would be left`,
    {
      hint: "Take a shorter prefix",
    },
  );
}

/** Longest row in tokens that a run reads: what its settings say, or less where base, method or tokenizer leave less. USAGE. */
export function longestRow({ base, method, tokenizer }: Pick<TrainOptions, "base" | "method" | "tokenizer">, settings: Settings): number {
  return Math.min(settings.maxLength, roomOf(base, method).left, tokenizer?.maxLength ?? Number.POSITIVE_INFINITY);
}
