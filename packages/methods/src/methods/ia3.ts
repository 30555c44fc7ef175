import { GraftError } from "@graft/error";
import { targetTensors } from "@graft/format";
import { scaleInput, scaleOutput } from "../edit-site.ts";
import { ia3Targets } from "../ia3-targets.ts";
import type { Method } from "../method.ts";
import { modulePattern } from "../module-pattern.ts";
import type { Ia3Options } from "../options/ia3.ts";
import type { PlannedTarget, Trainable } from "../plan.ts";
import { planTargets } from "../planned-targets.ts";
import { resolveTargets } from "../resolve-targets.ts";

/** Infused adapter by inhibiting and amplifying inner activations: keys, values and the feed-forward layer's inside are multiplied with vectors (arXiv 2205.05638). */
export const ia3: Method<Ia3Options> = {
  name: "ia3",
  description: "Vectors that keys, values and the inside of the feed-forward layers are multiplied with",
  learningRate: 1e-2,

  plan(base, options, prefix) {
    const { targets, feedforward } = withDefaults(options, base.family);
    const planned = planTargets(base, { ...options, targets }, prefix).map(({ target }): PlannedTarget => {
      if (target.kind === "embedding") {
        throw new GraftError("USAGE", `Cannot adapt "${target.module}": IA³ scales what a layer takes or gives, and it is a table`, {
          hint: "Leave it out with `exclude`, or take lora",
        });
      }
      return { ...target, side: sideOf(target.module, feedforward) };
    });
    const trainables = planned.flatMap((target) =>
      targetTensors("ia3", target).map(({ key, shape }): Trainable => {
        const { module, initializer } = target;
        return { key, shape, role: "target", module, init: { kind: "ones" }, initializer };
      }),
    );
    return { method: { name: "ia3", targets: list(targets), feedforward: list(feedforward) }, targets: planned, trainables };
  },

  count({ matrices, family }, options) {
    const { targets, feedforward } = withDefaults(options, family);
    const found = resolveTargets(matrices, { targets, exclude: options.exclude, family });
    const sizes = new Map(
      found.map(({ module, in: columns, out, kernel = [] }) => {
        const inputs = columns / kernel.reduce((product, size) => product * size, 1);
        return [module, sideOf(module, feedforward) === "input" ? inputs : out];
      }),
    );
    return [...sizes.values()].reduce((sum, size) => sum + size, 0);
  },

  inject(builder, { targets }) {
    for (const target of targets) {
      const [vector = ""] = targetTensors("ia3", target).map(({ key, shape }) => builder.input(key, "float32", shape));
      const options = { kind: target.kind, bias: target.bias, vector };
      for (const { output } of target.sites) (target.side === "input" ? scaleInput : scaleOutput)(builder, output, options);
    }
  },

  merge({ in: columns, out, side, kernel = [] }, { weight, bias }, { vector = new Float32Array() }) {
    const size = kernel.reduce((product, one) => product * one, 1);
    const factor = (index: number): number =>
      vector[side === "input" ? Math.floor((index % columns) / size) : Math.floor(index / columns)] as number;
    return {
      weight: weight.map((value, index) => value * factor(index)),
      ...(bias === undefined || side === "input" ? {} : { bias: bias.map((value, index) => value * (vector[index % out] as number)) }),
    };
  },

  attachment: {
    slots: ({ side }) => [side === "input" ? "inputGain" : "outputGain"],
    values: async ({ side }, { vector = new Float32Array() }) => ({ [side === "input" ? "inputGain" : "outputGain"]: vector }),
  },
};

function withDefaults(
  { targets, feedforward }: Ia3Options,
  family: string | undefined,
): { targets: string | readonly string[]; feedforward: string | readonly string[] } {
  const own = ia3Targets(family);
  // Who names targets says which of them are feed-forward layers; the family's own are known.
  return { targets: targets ?? own.targets, feedforward: feedforward ?? own.feedforward };
}

function sideOf(module: string, feedforward: string | readonly string[]): "input" | "output" {
  return list(feedforward).some((pattern) => modulePattern(pattern)(module)) ? "input" : "output";
}

function list(value: string | readonly string[]): string[] {
  return typeof value === "string" ? [value] : [...value];
}
