import { GraftError } from "@graft/error";
import type { Method } from "../method.ts";
import { modulePattern } from "../module-pattern.ts";
import type { FullOptions } from "../options/full.ts";
import type { Init, Trainable } from "../plan.ts";
import { injectReplacements, planReplacements } from "../replacements.ts";

/** Full fine-tuning, and pre-training from random weights. */
export const full: Method<FullOptions> = {
  name: "full",
  description: "Every weight of the base",
  learningRate: 5e-5,

  plan(base, { from = "base", deviation = 0.02, exclude = [] }, prefix) {
    const trainables = planReplacements(base, prefix, ({ module }) => !isExcluded(module, exclude));
    if (trainables.length === 0)
      throw new GraftError("TARGET_NOT_FOUND", "Cannot plan full training: the graph has no float weight with a name", {
        hint: "Take a checkpoint folder, or an export that keeps parameter names",
      });
    return {
      method: { name: "full", from },
      targets: [],
      trainables: from === "base" ? trainables : trainables.map((one) => ({ ...one, init: randomInit(one, deviation) })),
    };
  },

  count: ({ weights }, { exclude = [] }) =>
    weights
      .filter(({ module }) => !isExcluded(module, exclude))
      .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0),

  inject: (builder, { trainables }) => injectReplacements(builder, trainables),
};

function isExcluded(module: string, patterns: string | readonly string[]): boolean {
  return (typeof patterns === "string" ? [patterns] : patterns).some((pattern) => modulePattern(pattern)(module));
}

function randomInit({ key, shape }: Trainable, deviation: number): Init {
  if (key.endsWith(".bias")) return { kind: "zeros" };
  // A weight with one dimension scales a normalisation.
  return shape.length === 1 ? { kind: "ones" } : { kind: "gaussian", deviation };
}
