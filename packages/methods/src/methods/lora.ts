import { targetTensors } from "@graft/format";
import { changeValue } from "../edit-site.ts";
import { lowRankBranch } from "../low-rank.ts";
import { countLowRank, planLowRank } from "../low-rank-plan.ts";
import type { Method } from "../method.ts";
import type { LoraOptions } from "../options/lora.ts";
import { blockwise } from "../packed.ts";
import { finishPissa, initialisePissa, lessInitial } from "../pissa.ts";
import { injectReplacements } from "../replacements.ts";

/** Low-rank adaptation: W + scale · B·A, B zero at the start (arXiv 2106.09685). */
export const lora: Method<LoraOptions> = {
  name: "lora",
  description: "Low-rank matrices beside the targets; the base stays frozen",
  learningRate: 5e-4,
  plan: planLowRank,
  count: countLowRank,
  prepare: async (plan, base) => (plan.method["initialisation"] === "pissa" ? initialisePissa(plan, base) : plan),
  finish: finishPissa,

  inject(builder, { targets, trainables }, { dropout } = {}) {
    injectReplacements(builder, trainables);
    for (const target of targets) {
      const [first = "", second = ""] = targetTensors("lora", target).map(({ key, shape }) => builder.input(key, "float32", shape));
      const masked = target.parts === undefined ? second : blockwise(builder, second, target);
      const { a, b } = lessInitial(builder, { a: first, b: masked }, target);
      for (const { output } of target.sites) {
        changeValue(builder, output, (product, node) => {
          const branch = lowRankBranch(builder, node, { a, b, kind: target.kind, scale: target.scale ?? 1, dropout });
          return builder.op("Add", [product, branch], { name: `${node.name}/lora_Add` });
        });
      }
    }
  },

  delta({ in: columns, out, rank = 0, scale = 1 }, { a = new Float32Array(), b = new Float32Array() }) {
    const delta = new Float32Array(out * columns);
    const row = new Float64Array(columns);
    for (let index = 0; index < out; index++) {
      row.fill(0);
      for (let inner = 0; inner < rank; inner++) {
        const factor = scale * (b[index * rank + inner] as number);
        if (factor === 0) continue;
        for (let column = 0; column < columns; column++)
          row[column] = (row[column] as number) + factor * (a[inner * columns + column] as number);
      }
      delta.set(row, index * columns);
    }
    return delta;
  },

  attachment: {
    slots: () => ["a", "b"],
    values: async ({ scale = 1 }, { a, b }) => (a === undefined || b === undefined ? {} : { a, b: b.map((value) => scale * value) }),
  },
};
