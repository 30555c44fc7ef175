import { z } from "zod";
import { LIMITS } from "./limits.ts";
import { Count } from "./scalars.ts";

const Text = z.string().max(LIMITS.goldenCharacters);
const Ids = z.array(Count).min(1).max(LIMITS.goldenTokens);

/** One input: a text, with a second one for tasks on pairs, or the tokens themselves. */
export const GoldenInputs = z.union([
  z.strictObject({ text: Text, pair: Text.optional() }),
  z.strictObject({ ids: Ids, typeIds: Ids.optional() }),
]);
/** One input of a golden case. */
export type GoldenInputs = z.infer<typeof GoldenInputs>;

/** Inputs with the final outputs they gave right after training; `tolerance` is the largest absolute difference allowed. */
export const Golden = z
  .strictObject({
    tolerance: z.number().positive(),
    cases: z
      .array(z.strictObject({ inputs: GoldenInputs, outputs: z.array(z.number()).min(1).max(LIMITS.goldenOutputs) }))
      .min(1)
      .max(LIMITS.goldenCases),
  })
  .meta({ id: "Golden", description: "Inputs with the outputs they gave right after training" });
/** Inputs with the final outputs they gave right after training. */
export type Golden = z.infer<typeof Golden>;
