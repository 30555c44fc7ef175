import { GraftError } from "@graft/error";
import { findBlocks } from "../blocks.ts";
import { taskModule } from "../families.ts";
import type { Method } from "../method.ts";
import { namedWeights } from "../named-weights.ts";
import type { LastLayersOptions } from "../options/last-layers.ts";
import { injectReplacements, planReplacements } from "../replacements.ts";

/** Fine-tuning of the last blocks alone: FT-Top2 of the LoRA paper with two of them. */
export const lastLayers: Method<LastLayersOptions> = {
  name: "last-layers",
  description: "Every weight of the last blocks",
  learningRate: 5e-5,

  plan(base, { layers = 2 }, prefix) {
    const blocks = findBlocks(namedWeights(base.model).map(({ module }) => taskModule(module, prefix)));
    if (!Number.isInteger(layers) || layers < 1 || layers > blocks.count) {
      const hint = blocks.count === 0 ? "Its modules carry no numbers: take a checkpoint folder, or the method full" : "Take fewer";
      throw new GraftError("USAGE", `Cannot train the last ${layers} blocks: the base has ${blocks.count}`, { hint });
    }
    const trainables = planReplacements(base, prefix, ({ module }) => (blocks.of(module) ?? -1) >= blocks.count - layers);
    return { method: { name: "last-layers", layers }, targets: [], trainables };
  },

  count({ weights }, { layers = 2 }) {
    const blocks = findBlocks(weights.map(({ module }) => module));
    return weights
      .filter(({ module }) => (blocks.of(module) ?? -1) >= blocks.count - layers)
      .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  },

  inject: (builder, { trainables }) => injectReplacements(builder, trainables),
};
