import { geluSlope } from "./passes/gelu-slope.ts";
import { narrowAttention } from "./passes/narrow-attention.ts";
import { narrowPositions } from "./passes/narrow-positions.ts";
import { narrowSide } from "./passes/narrow-side.ts";
import type { Pass } from "./passes/pass.ts";

/** Every pass over a step's graph, in the order in which they run. `npm run bench -- passes` measures each. */
export const PASSES = {
  "narrow-positions": narrowPositions,
  "narrow-attention": narrowAttention,
  "gelu-slope": geluSlope,
  "narrow-side": narrowSide,
} as const satisfies Readonly<Record<string, Pass>>;

/** Name of a pass. */
export type PassName = keyof typeof PASSES;

/** All passes but some. */
export function passesWithout(names: readonly PassName[] = []): Pass[] {
  return Object.entries(PASSES).flatMap(([name, pass]) => (names.includes(name as PassName) ? [] : [pass]));
}
