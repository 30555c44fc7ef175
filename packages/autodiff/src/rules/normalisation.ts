import { floatAttribute, intAttribute, type NodeProto } from "@graft/onnx";
import { withoutGradient } from "../errors.ts";
import type { GradientOps } from "../gradient-ops.ts";
import { type Backward, once, type Rule, type Rules } from "../rule.ts";

interface Normalised {
  /** The value that is normalised. */
  readonly x: string;
  readonly dy: string;
  readonly scale: string;
  readonly axes: readonly number[];
  /** 1 / √(variance + ε), or of the mean square; axes kept. */
  readonly inverse: () => string;
  /** Absent where the mean is not taken off. */
  readonly mean?: () => string;
}

/** With x̂ = (x − mean)·inverse and g = dy·scale: dx = inverse·(g − mean(g) − x̂·mean(g·x̂)). */
function normalised(
  g: GradientOps,
  { x, dy, scale, axes, inverse, mean }: Normalised,
): { dx: Backward; dscale: Backward; dbias: Backward } {
  const unit = once(() => g.mul(mean === undefined ? x : g.sub(x, mean()), inverse()));
  const leading = (gradient: string, to: string): string => g.sumTo(gradient, { from: g.shape(x), to });
  return {
    dx: once(() => {
      const inner = scale === "" ? dy : g.mul(dy, scale);
      const centred = mean === undefined ? inner : g.sub(inner, g.reduceMean(inner, axes));
      return g.mul(g.sub(centred, g.mul(unit(), g.reduceMean(g.mul(inner, unit()), axes))), inverse());
    }),
    dscale: () => leading(g.mul(dy, unit()), scale),
    dbias: () => leading(dy, scale),
  };
}

function axesFrom(g: GradientOps, { node, x }: { node: NodeProto; x: string }): number[] {
  const [rank, first] = [g.rank(x), intAttribute(node, "axis", -1)];
  const start = first < 0 ? first + rank : first;
  return Array.from({ length: rank - start }, (_, index) => start + index);
}

const layerNormalization: Rule = (g, { node, x, dy, inputs }) => {
  const { dx, dscale, dbias } = normalised(g, {
    x,
    dy,
    scale: inputs[1] ?? "",
    axes: axesFrom(g, { node, x }),
    mean: () => g.forwardOutput(1),
    inverse: () => g.forwardOutput(2),
  });
  return [dx, dscale, dbias];
};

/** 1 / √(mean of squares + ε), computed anew: only the processor's kernels give it as an output. */
function inverseRoot(g: GradientOps, { centred, axes, epsilon }: { centred: string; axes: readonly number[]; epsilon: number }): string {
  const square = g.add(g.reduceMean(g.mul(centred, centred), axes), g.constant(epsilon, centred));
  return g.op("Reciprocal", [g.op("Sqrt", [square])]);
}

const rmsNormalization: Rule = (g, { node, x, dy, inputs }) => {
  const axes = axesFrom(g, { node, x });
  const inverse = once(() => inverseRoot(g, { centred: x, axes, epsilon: floatAttribute(node, "epsilon", 1e-5) }));
  const { dx, dscale } = normalised(g, { x, dy, scale: inputs[1] ?? "", axes, inverse });
  return [dx, dscale];
};

/** With the statistics that training left: a scale and a shift for each channel. */
const batchNormalization: Rule = (g, { node, x, dy, inputs }) => {
  if (intAttribute(node, "training_mode", 0) !== 0) throw withoutGradient(node, "has a gradient rule only with fixed statistics");
  const [, scale = "", , mean = "", variance = ""] = inputs;
  const rank = g.rank(x);
  const channels = (vector: string): string => g.op("Reshape", [vector, g.int([-1, ...Array.from({ length: rank - 2 }, () => 1)])]);
  const inverse = once(() => {
    const shifted = g.add(variance, g.constant(floatAttribute(node, "epsilon", 1e-5), variance));
    return g.op("Reciprocal", [g.op("Sqrt", [shifted])]);
  });
  const others = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  return [
    () => g.mul(dy, channels(g.mul(scale, inverse()))),
    () => g.mul(g.reduceSum(g.mul(dy, g.sub(x, channels(mean))), others, { keepdims: false }), inverse()),
    () => g.reduceSum(dy, others, { keepdims: false }),
  ];
};

/** Normalises input + skip + bias, which is also its fourth output. */
function skip(options: { centred: boolean }): Rule {
  return (g, { node, x, dy, inputs, gradient }) => {
    if (g.rank(inputs[1] ?? "") !== g.rank(x)) throw withoutGradient(node, "has no gradient rule for a skip that is broadcast");
    const sum = g.declare(g.forwardOutput(3), { type: g.type(x), shape: g.shape(x) });
    const direct = gradient(3);
    const axes = [g.rank(x) - 1];
    const mean = once(() => g.reduceMean(sum, axes));
    const { dx, dscale, dbias } = normalised(g, {
      x: sum,
      dy,
      scale: inputs[2] ?? "",
      axes,
      inverse: once(() =>
        inverseRoot(g, { centred: options.centred ? g.sub(sum, mean()) : sum, axes, epsilon: floatAttribute(node, "epsilon", 1e-12) }),
      ),
      ...(options.centred ? { mean } : {}),
    });
    const total = once(() => (direct === undefined ? dx() : g.add(dx(), direct)));
    const dskip = (): string => g.sumTo(total(), { from: g.shape(x), to: inputs[1] ?? "" });
    const dadded =
      (to: string): Backward =>
      () =>
        g.sumTo(total(), { from: g.shape(x), to });
    return options.centred ? [total, dskip, dscale, dbias, dadded(inputs[4] ?? "")] : [total, dskip, dscale, dadded(inputs[3] ?? "")];
  };
}

/**
 * Σ y·dy over the last axis. Where y only weighs the rows of v, as in attention, that is Σ (y·v)·d(y·v): sums over the width of a head
 * instead of over the sequence, and the large product is never made.
 */
function weightedSum(g: GradientOps, { y, dy, axis }: { y: string; dy: string; axis: number }): string {
  const reader = g.onlyReader(y);
  const mixed = reader?.opType === "MatMul" && reader.input[0] === y ? (reader.output[0] ?? "") : "";
  const [gradient, from, to] = [g.gradientOf(mixed), g.shape(y), g.shape(mixed)];
  const last = axis === -1 || axis === (from?.length ?? 0) - 1;
  const rowwise = last && from?.length === to?.length && from?.slice(0, -1).every((dim, index) => dim === to?.[index]) === true;
  if (!rowwise || gradient === undefined || from === undefined || from.length < 2)
    return g.reduceSum(g.mul(y, dy), [axis], { keepdims: true });
  return g.reduceSum(g.mul(mixed, gradient), [-1], { keepdims: true });
}

/** Normalisation, and softmax. */
export const NORMALISATION: Rules = {
  Softmax: (g, { dy, y, node }) => [() => g.mul(y, g.sub(dy, weightedSum(g, { y, dy, axis: intAttribute(node, "axis", -1) })))],
  LogSoftmax: (g, { dy, y, node }) => [
    () => g.sub(dy, g.mul(g.exp(y), g.reduceSum(dy, [intAttribute(node, "axis", -1)], { keepdims: true }))),
  ],
  LayerNormalization: layerNormalization,
  SimplifiedLayerNormalization: rmsNormalization,
  BatchNormalization: batchNormalization,
  RMSNormalization: rmsNormalization,
  "com.microsoft.SkipLayerNormalization": skip({ centred: true }),
  "com.microsoft.SkipSimplifiedLayerNormalization": skip({ centred: false }),
};
