import { DROPOUT_DRAWS, dropoutDraws, type Plan } from "@graft/methods";
import { type Feeds, intValue } from "@graft/runtime";

/** What a training graph with dropout is fed in one pass, by seed and pass alone; nothing without dropout. */
export function dropoutFeeds(plan: Pick<Plan, "targets" | "dropout">, options: { readonly seed: number; readonly pass: string }): Feeds {
  const draws = dropoutDraws(plan, options);
  return draws === undefined ? {} : { [DROPOUT_DRAWS]: intValue([draws.length], draws) };
}
