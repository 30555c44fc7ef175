import { targetTensors } from "@graft/format";
import { asComputed, changeProduct } from "../edit-site.ts";
import { lowRankBranch } from "../low-rank.ts";
import { countLowRank, planLowRank } from "../low-rank-plan.ts";
import type { MergeTarget, Method, TargetValues } from "../method.ts";
import type { DoraOptions } from "../options/dora.ts";
import type { Trainable } from "../plan.ts";
import { planTargets } from "../planned-targets.ts";
import { injectReplacements } from "../replacements.ts";
import { resolveTargets } from "../resolve-targets.ts";
import { appendNorms, rowNorms } from "../row-norms.ts";
import { lora } from "./lora.ts";

/** Low-rank adaptation in two parts: m · V / ‖V‖ with V = W + scale · B·A, the norm over each output and without a gradient (arXiv 2402.09353). */
export const dora: Method<DoraOptions> = {
  name: "dora",
  description: "Low-rank matrices for the direction of the targets, and a magnitude for each of their outputs",
  learningRate: 5e-4,

  plan(base, options, prefix) {
    const plan = planLowRank(base, options, prefix);
    const found = planTargets(base, options, prefix);
    const magnitudes = plan.targets.flatMap((target, index) => {
      const { tensor, orientation = "out_in" } = found[index]?.matrix ?? {};
      if (tensor === undefined) return [];
      return targetTensors("dora", target).flatMap(({ part, key, shape }): Trainable[] => {
        if (part !== "magnitude") return [];
        const { module, initializer } = target;
        return [{ key, shape, role: "target", module, init: { kind: "norms", tensor, orientation }, initializer }];
      });
    });
    return { ...plan, trainables: [...plan.trainables, ...magnitudes] };
  },

  count(shapes, options) {
    const { targets = "attention", exclude } = options;
    const found = resolveTargets(shapes.matrices, { targets, exclude, family: shapes.family });
    const outputs = new Map(found.map(({ operator, module, out }) => [`${operator} ${module}`, out]));
    return [...outputs.values()].reduce((sum, out) => sum + out, countLowRank(shapes, options));
  },

  inject(builder, { targets, trainables }, { dropout } = {}) {
    injectReplacements(builder, trainables);
    for (const target of targets) {
      const [a = "", b = "", magnitude = ""] = targetTensors("dora", target).map(({ key, shape }) => builder.input(key, "float32", shape));
      const { kind, rank = 1, scale = 1 } = target;
      for (const { output } of target.sites) {
        changeProduct(builder, output, (product, node) => {
          const name = `${node.name}/dora`;
          const branch = lowRankBranch(builder, node, { a, b, kind, scale, dropout });
          const sum = builder.op("Add", [product, branch], { name: `${name}_Add` });
          const norms = appendNorms(builder, node, { a, b, kind, scale, rank });
          const spread =
            kind === "convolution"
              ? builder.op("Reshape", [norms, builder.int([1, -1, ...(target.kernel ?? []).map(() => 1)])], { name: `${name}/Reshape` })
              : norms;
          const gain = builder.op("Div", [magnitude, spread], { name: `${name}/Div` });
          return builder.op("Mul", [sum, asComputed(builder, gain, { node, name })], { name: `${name}/Mul` });
        });
      }
    }
  },

  merge(target, current, values) {
    const { sum, gain } = decomposed(target, current.weight, values);
    return { ...current, weight: sum.map((value, index) => value * (gain[Math.floor(index / target.in)] as number)) };
  },

  attachment: {
    slots: () => ["a", "b", "gain"],
    async values(target, values, weight) {
      const pair = await lora.attachment?.values(target, values, weight);
      return { ...pair, gain: decomposed(target, await weight(), values).gain };
    },
  },
};

/** V = W + scale · B·A, [out, in], and what each of its rows is multiplied with. */
function decomposed(target: MergeTarget, weight: Float32Array, values: TargetValues): { sum: Float32Array; gain: Float32Array } {
  const delta = lora.delta?.(target, values) ?? new Float32Array();
  const sum = weight.map((value, index) => value + (delta[index] as number));
  const norms = rowNorms(sum, { rows: target.out, columns: target.in });
  return { sum, gain: norms.map((norm, row) => (values.magnitude?.[row] as number) / norm) };
}
