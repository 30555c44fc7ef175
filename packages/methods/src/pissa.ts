import { targetTensors } from "@graft/format";
import { floatTensor, type GraphBuilder, matrices, type Weights } from "@graft/onnx";
import type { Plan, PlanBase, PlannedTarget } from "./plan.ts";
import { principalPair } from "./principal-pair.ts";
import { targetWeight } from "./target-values.ts";

/** A and B as training starts with them, which the base is without: W − scale · B₀·A₀ stays frozen. */
export interface InitialPair {
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/**
 * Sets the pairs of a plan to the principal parts of their matrices (PiSSA, arXiv 2404.02948): A₀ = √(Σ/scale)·Vᵀ, B₀ = U·√(Σ/scale)
 * of the first `rank` singular values. The base keeps W; its product is taken less the pair's own start.
 */
export async function initialisePissa(plan: Plan, base: PlanBase & { readonly weights: Weights }): Promise<Plan> {
  const all = new Map(matrices(base.model).map((matrix) => [matrix.output, matrix]));
  const values = new Map<string, Float32Array>();
  const targets: PlannedTarget[] = [];
  for (const target of plan.targets) {
    const matrix = all.get(target.sites[0]?.output ?? "");
    if (matrix === undefined) throw new TypeError(`The graph has no matrix of "${target.module}"`);
    const { in: columns, out, rank = 1, scale = 1 } = target;
    const initial = principalPair({ values: await targetWeight(matrix, base.weights), rows: out, columns }, { rank, scale });
    for (const { part, key } of targetTensors("lora", target)) if (part === "a" || part === "b") values.set(key, initial[part]);
    targets.push({ ...target, initial });
  }
  return {
    ...plan,
    targets,
    trainables: plan.trainables.map((one) => {
      const start = values.get(one.key);
      return start === undefined ? one : { ...one, init: { kind: "values", values: start } };
    }),
  };
}

/** The pair less its start, as one pair of twice the rank: [A; A₀] and [B, −B₀]. */
export function lessInitial(
  builder: GraphBuilder,
  { a, b }: { a: string; b: string },
  { module, in: columns, out, rank = 1, initial }: PlannedTarget,
): { a: string; b: string } {
  if (initial === undefined) return { a, b };
  const a0 = builder.initializer(floatTensor(`${module}.initial_A`, [rank, columns], initial.a));
  const b0 = builder.initializer(floatTensor(`${module}.initial_B`, [out, rank], negative(initial.b)));
  return {
    a: builder.op("Concat", [a, a0], { name: `${module}/initial_A/Concat`, attributes: { axis: 0 } }),
    b: builder.op("Concat", [b, b0], { name: `${module}/initial_B/Concat`, attributes: { axis: 1 } }),
  };
}

/** A trained plan as it is saved: pairs of twice the rank that fit the base as it is, the start's own subtracted. */
export function finishPissa(plan: Plan, values: ReadonlyMap<string, Float32Array>): { plan: Plan; values: Map<string, Float32Array> } {
  const saved = new Map(values);
  const shapes = new Map<string, readonly number[]>();
  const targets = plan.targets.map(({ initial, ...target }): PlannedTarget => {
    if (initial === undefined) return target;
    const { rank = 1, alpha = 1, out } = target;
    const doubled = { ...target, rank: 2 * rank, alpha: 2 * alpha };
    for (const { part, key, shape } of targetTensors("lora", doubled)) {
      const own = values.get(key) ?? new Float32Array();
      shapes.set(key, shape);
      const start = part === "a" ? initial.a : negative(initial.b);
      saved.set(key, part === "a" ? stacked(own, start) : beside(own, start, { rows: out, columns: rank }));
    }
    return doubled;
  });
  const trainables = plan.trainables.map((one) => ({ ...one, shape: shapes.get(one.key) ?? one.shape }));
  return { plan: { ...plan, targets, trainables }, values: saved };
}

function negative(values: Float32Array): Float32Array {
  return values.map((value) => -value);
}

function stacked(upper: Float32Array, lower: Float32Array): Float32Array {
  const result = new Float32Array(upper.length + lower.length);
  result.set(upper);
  result.set(lower, upper.length);
  return result;
}

function beside(left: Float32Array, right: Float32Array, { rows, columns }: { rows: number; columns: number }): Float32Array {
  const result = new Float32Array(left.length + right.length);
  for (let row = 0; row < rows; row++) {
    const [from, to] = [row * columns, (row + 1) * columns];
    result.set(left.subarray(from, to), 2 * from);
    result.set(right.subarray(from, to), 2 * from + columns);
  }
  return result;
}
