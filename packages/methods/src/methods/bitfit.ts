import { GraftError } from "@graft/error";
import type { Method } from "../method.ts";
import type { BitfitOptions } from "../options/bitfit.ts";
import { injectReplacements, planReplacements } from "../replacements.ts";

/** Bias-only fine-tuning: every bias of the base, in place of its own (arXiv 2106.10199). */
export const bitfit: Method<BitfitOptions> = {
  name: "bitfit",
  description: "Every bias of the base, those of its normalisations included",
  learningRate: 3e-3,

  plan(base, _, prefix) {
    const trainables = planReplacements(base, prefix, ({ part }) => part === "bias");
    if (trainables.length === 0)
      throw new GraftError("TARGET_NOT_FOUND", "Cannot plan bitfit: the base has no bias with a name", {
        hint: "Families like Llama have none: take lora",
      });
    return { method: { name: "bitfit" }, targets: [], trainables };
  },

  count: ({ weights }) =>
    weights.filter(({ part }) => part === "bias").reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0),

  inject: (builder, { trainables }) => injectReplacements(builder, trainables),
};
