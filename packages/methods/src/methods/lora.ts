import { GraftError } from "@graft/error";
import { loraKeys, targetTensors } from "@graft/format";
import { matrices, type Matrix } from "@graft/onnx";
import { taskModule } from "../families.ts";
import { addLowRank } from "../low-rank.ts";
import type { Method } from "../method.ts";
import type { LoraOptions } from "../options/lora.ts";
import type { PlannedTarget, Trainable } from "../plan.ts";
import { resolveTargets } from "../resolve-targets.ts";

/** Low-rank adaptation: W + scale · B·A, B zero at the start (arXiv 2106.09685). */
export const lora: Method<LoraOptions> = {
  name: "lora",
  description: "Low-rank matrices beside the targets; the base stays frozen",
  learningRate: 5e-4,

  plan(base, options, prefix) {
    const { rank = 8, alpha = 2 * rank, rankStabilised = false, targets = "attention", exclude, initialisation = "kaiming" } = options;
    if (!Number.isInteger(rank) || rank < 1)
      throw new GraftError("USAGE", `Cannot plan LoRA: the rank is ${rank}, want a whole number of at least 1`);
    if (!Number.isFinite(alpha)) throw new GraftError("USAGE", `Cannot plan LoRA: alpha is ${alpha}, want a finite number`);
    const scale = alpha / (rankStabilised ? Math.sqrt(rank) : rank);
    const found = bySharedModule(resolveTargets(matrices(base.model), { targets, exclude, family: base.family }));
    const planned = found.map((uses): PlannedTarget => {
      const [{ module, initializer, in: columns, out }] = uses;
      if (rank > Math.min(columns, out)) {
        throw new GraftError("USAGE", `Cannot adapt "${module}": its matrix of ${out} × ${columns} has no rank of ${rank}`, {
          hint: `Take a rank of at most ${Math.min(columns, out)}`,
        });
      }
      return {
        module: taskModule(module, prefix),
        initializer,
        in: columns,
        out,
        rank,
        alpha,
        scale,
        sites: uses.map(({ input, output }) => ({ input, output })),
      };
    });
    return {
      method: { name: "lora", rank, alpha, rankStabilised, targets: typeof targets === "string" ? targets : [...targets], initialisation },
      targets: planned,
      trainables: planned.flatMap((target) => factors(target, initialisation)),
    };
  },

  inject(builder, { targets }) {
    for (const target of targets) {
      const [a = "", b = ""] = targetTensors("lora", target).map(({ key, shape }) => builder.input(key, "float32", shape));
      addLowRank(builder, target.sites, { a, b, scale: target.scale ?? 1 });
    }
  },

  count({ matrices: all, family }, { rank = 8, targets = "attention", exclude }) {
    const modules = new Map(resolveTargets(all, { targets, exclude, family }).map((matrix) => [matrix.module, matrix]));
    return [...modules.values()].reduce((sum, { in: columns, out }) => sum + rank * (columns + out), 0);
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
};

/** A module that is computed more than once (layers that share weights) is one target with several sites. */
function bySharedModule(found: readonly Matrix[]): [Matrix, ...Matrix[]][] {
  const groups = new Map<string, [Matrix, ...Matrix[]]>();
  for (const matrix of found) {
    const group = groups.get(matrix.module);
    if (group === undefined) groups.set(matrix.module, [matrix]);
    else group.push(matrix);
  }
  return [...groups.values()];
}

function factors({ module, in: columns, out, rank = 0, initializer }: PlannedTarget, initialisation: "kaiming" | "gaussian"): Trainable[] {
  const { a, b } = loraKeys(module);
  const start =
    initialisation === "kaiming" ? ({ kind: "kaiming", fanIn: columns } as const) : ({ kind: "gaussian", deviation: 1 / rank } as const);
  return [
    { key: a, shape: [rank, columns], role: "target", module, init: start, initializer },
    { key: b, shape: [out, rank], role: "target", module, init: { kind: "zeros" }, initializer },
  ];
}
