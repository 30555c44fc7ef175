import { floatAttribute, stringAttribute } from "@graft/onnx";
import type { GradientOps } from "../gradient-ops.ts";
import { broadcasting, type Rule, type Rules, unary } from "../rule.ts";

/** d gelu(x) / dx with gelu(x) = x·Φ(x): Φ(x) + x·φ(x). */
function geluSlope(g: GradientOps, x: string): string {
  const doubled = g.add(g.op("Erf", [g.scale(x, Math.SQRT1_2, x)]), g.constant(1, x));
  const density = g.exp(g.mul(x, g.scale(x, -0.5, x)));
  return g.add(g.scale(doubled, 0.5, x), g.mul(density, g.scale(x, 1 / Math.sqrt(2 * Math.PI), x)));
}

/** The same for the tanh form, 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))). */
function fastGeluSlope(g: GradientOps, x: string): string {
  const [linear, cubic] = [Math.sqrt(2 / Math.PI), 0.044715 * Math.sqrt(2 / Math.PI)];
  const square = g.mul(x, x);
  const tanh = g.op("Tanh", [g.mul(x, g.add(g.scale(square, cubic, x), g.constant(linear, x)))]);
  const inner = g.mul(x, g.add(g.scale(square, 3 * cubic, x), g.constant(linear, x)));
  const one = g.constant(1, x);
  const rest = g.mul(g.sub(one, tanh), inner);
  return g.scale(g.mul(g.add(tanh, one), g.add(rest, one)), 0.5, x);
}

/** d x·σ(αx) / dx = σ·(1 + αx·(1 − σ)). */
function sigmoidProductSlope(g: GradientOps, { x, alpha }: { x: string; alpha: number }): string {
  const scaled = g.scale(x, alpha, x);
  const sigmoid = g.op("Sigmoid", [scaled]);
  const one = g.constant(1, x);
  return g.mul(sigmoid, g.add(g.mul(scaled, g.sub(one, sigmoid)), one));
}

/** max(0, min(1, αx + β)), and its slope: α where it is neither 0 nor 1. */
function hardSigmoid(g: GradientOps, { x, alpha, beta }: { x: string; alpha: number; beta: number }): { value: string; slope: string } {
  const [zero, one] = [g.constant(0, x), g.constant(1, x)];
  const line = g.add(g.scale(x, alpha, x), g.constant(beta, x));
  const within = g.op("And", [g.op("Greater", [line, zero]), g.op("Less", [line, one])]);
  return { value: g.op("Max", [g.op("Min", [line, one]), zero]), slope: g.scale(g.mask(within, x), alpha, x) };
}

const gelu: Rule = unary((g, { dy, x, node }) =>
  g.mul(dy, stringAttribute(node, "approximate", "none") === "tanh" ? fastGeluSlope(g, x) : geluSlope(g, x)),
);

/** Activations of x + bias, as onnxruntime fuses them. */
function biased(slope: (g: GradientOps, x: string) => string): Rule {
  return broadcasting((g, { dy, a, b }) => {
    const like = { type: g.type(a), shape: g.shape(a) };
    const dx = (): string => g.mul(dy, slope(g, b === "" ? a : g.declare(g.add(a, b), like)));
    return [dx, dx];
  });
}

/** Activation functions. */
export const ACTIVATIONS: Rules = {
  HardSigmoid: unary((g, { dy, x, node }) => {
    const { slope } = hardSigmoid(g, { x, alpha: floatAttribute(node, "alpha", 0.2), beta: floatAttribute(node, "beta", 0.5) });
    return g.mul(dy, slope);
  }),
  HardSwish: unary((g, { dy, x }) => {
    const { value, slope } = hardSigmoid(g, { x, alpha: 1 / 6, beta: 0.5 });
    return g.mul(dy, g.add(value, g.mul(x, slope)));
  }),
  Relu: unary((g, { dy, y }) => g.mul(dy, g.op("Sign", [y]))),
  LeakyRelu: unary((g, { dy, x, node }) =>
    g.where(g.op("Less", [x, g.constant(0, x)]), g.scale(dy, floatAttribute(node, "alpha", 0.01), x), dy),
  ),
  Elu: unary((g, { dy, x, y, node }) => {
    const alpha = floatAttribute(node, "alpha", 1);
    return g.where(g.op("Less", [x, g.constant(0, x)]), g.mul(dy, g.add(y, g.constant(alpha, y))), dy);
  }),
  Tanh: unary((g, { dy, x, y }) => g.mul(dy, g.sub(g.constant(1, x), g.mul(y, y)))),
  Sigmoid: unary((g, { dy, x, y }) => g.mul(dy, g.mul(y, g.sub(g.constant(1, x), y)))),
  Softplus: unary((g, { dy, x }) => g.mul(dy, g.op("Sigmoid", [x]))),
  Gelu: gelu,
  "com.microsoft.Gelu": gelu,
  "com.microsoft.BiasGelu": biased(geluSlope),
  "com.microsoft.FastGelu": biased(fastGeluSlope),
  "com.microsoft.QuickGelu": unary((g, { dy, x, node }) =>
    g.mul(dy, sigmoidProductSlope(g, { x, alpha: floatAttribute(node, "alpha", 1.702) })),
  ),
};
