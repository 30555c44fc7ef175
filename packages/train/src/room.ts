import { GraftError } from "@graft/error";
import { type MethodOptions, positionsOf } from "@graft/methods";

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
