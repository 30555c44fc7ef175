import { type Dim, floatAttribute, Float, intAttribute } from "@graft/onnx";
import { withoutGradient } from "../errors.ts";
import type { GradientOps } from "../gradient-ops.ts";
import { type Rule, type Rules, type Step } from "../rule.ts";
import { einsum } from "./einsum.ts";

interface Product {
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
}

/** Y = α·A′·B′ over batches, with A′ and B′ transposed or not. */
function matmul(product: (step: Step) => Product): Rule {
  return (g, step) => {
    const form = product(step);
    const { a, b, y, dy } = step;
    // A matrix multiplies the last axis of anything, also where the number of axes is unknown.
    const matrix = g.rank(b) === 2 && !form.transA && g.shape(a)?.length !== 1;
    if (!matrix && (g.rank(a) === 1 || g.rank(b) === 1)) return vectors(g, step);
    const like = { like: a, rank: matrix ? 2 : g.rank(y), alpha: form.alpha };
    const batched = (value: string): readonly Dim[] => [...g.knownShape(y).slice(0, -2), ...g.knownShape(value).slice(-2)];
    return [
      () => {
        const da = form.transA ? g.matmul(b, dy, { ...like, transA: form.transB, transB: true }) : timesTransposed(g, { dy, b, ...form });
        return matrix ? da : g.sumTo(da, { from: batched(a), to: a });
      },
      () => {
        // A weight is shared by all rows, so they are one long matrix.
        const [inner, outer] = form.transB ? [1, 0] : [0, 1];
        const left = matrix ? rows(g, a, { like: a, width: () => g.sizeOf(b, inner) }) : a;
        const right = matrix ? rows(g, dy, { like: y, width: () => g.sizeOf(b, outer) }) : dy;
        const db = form.transB
          ? g.matmul(right, left, { ...like, transA: true, transB: form.transA })
          : g.matmul(left, right, { ...like, transA: !form.transA });
        return matrix ? db : g.sumTo(db, { from: batched(b), to: b });
      },
    ];
  };
}

/** dY·B′ᵀ. A matrix is read transposed in place (one packed copy of a frozen weight); small batched operands are faster moved. */
function timesTransposed(g: GradientOps, { dy, b, transB, alpha }: { dy: string; b: string } & Product): string {
  if (transB) return g.matmul(dy, b, { alpha, like: b });
  if (g.rank(b) === 2 && g.producer(b)?.opType !== "Transpose") return g.matmul(dy, b, { transB: true, alpha, like: b });
  return g.matmul(dy, g.swapLast(b), { alpha, like: b });
}

/** A value as a matrix of all its rows; `like` has its shape. */
function rows(g: GradientOps, value: string, { like, width }: { like: string; width: () => string }): string {
  const rank = g.shape(like)?.length;
  if (rank === undefined) return g.reshape(value, g.op("Concat", [g.int([-1]), width()], { axis: 0 }));
  return rank === 2 ? value : g.op("Flatten", [value], { axis: rank - 1 });
}

/** MatMul with a vector: the vector is taken as a matrix of one row or one column. */
function vectors(g: GradientOps, step: Step): ReturnType<Rule> {
  const lift = (value: string, axis: number): string => {
    if (g.rank(value) > 1) return value;
    const shape = g.knownShape(value);
    return g.declare(g.unsqueeze(value, [axis]), { type: g.type(value), shape: axis === 0 ? [1, ...shape] : [...shape, 1] });
  };
  const [a, b] = [lift(step.a, 0), lift(step.b, 1)];
  const [rowless, columnless] = [g.rank(step.a) === 1, g.rank(step.b) === 1];
  const outer = g.knownShape(step.y);
  const batch = outer.slice(0, outer.length - Number(!rowless) - Number(!columnless));
  const matrix = [g.knownShape(a).at(-2) ?? 1, g.knownShape(b).at(-1) ?? 1];
  const column = columnless ? g.unsqueeze(step.dy, [-1]) : step.dy;
  const dy = rowless ? g.unsqueeze(column, [-2]) : column;
  const y = g.declare(`${step.y} as a matrix`, { type: g.type(step.y), shape: [...batch, ...matrix] });
  const results = matmul(() => ({ transA: false, transB: false, alpha: 1 }))(g, { ...step, a, b, y, dy });
  return results.map((backward, index) => backward && (() => g.reshape(backward(), g.shapeOf(step.inputs[index] ?? ""))));
}

const gemm: Rule = (g, { a, b, y, dy, node, inputs }) => {
  const [transA, transB] = [intAttribute(node, "transA", 0), intAttribute(node, "transB", 0)];
  const alpha = new Float(floatAttribute(node, "alpha", 1));
  const product = (left: string, right: string, flags: { transA: number; transB: number }): string =>
    g.op("Gemm", [left, right], { ...flags, alpha });
  return [
    () => (transA ? product(b, dy, { transA: transB, transB: 1 }) : product(dy, b, { transA: 0, transB: 1 - transB })),
    () => (transB ? product(dy, a, { transA: 1, transB: transA }) : product(a, dy, { transA: 1 - transA, transB: 0 })),
    () => g.sumTo(g.scale(dy, floatAttribute(node, "beta", 1), a), { from: g.knownShape(y), to: inputs[2] ?? "" }),
  ];
};

/** Products of matrices. */
export const LINEAR_ALGEBRA: Rules = {
  MatMul: matmul(() => ({ transA: false, transB: false, alpha: 1 })),
  "com.microsoft.FusedMatMul": matmul(({ node }) => {
    if (intAttribute(node, "transBatchA", 0) || intAttribute(node, "transBatchB", 0))
      throw withoutGradient(node, "has no gradient rule for transposed batches");
    return {
      transA: intAttribute(node, "transA", 0) === 1,
      transB: intAttribute(node, "transB", 0) === 1,
      alpha: floatAttribute(node, "alpha", 1),
    };
  }),
  Gemm: gemm,
  Einsum: einsum,
};
