import type { GraphBuilder } from "@graft/onnx";

/** What an activation is written with: the builder, and the scope of its module for the names of nodes. */
interface Scope {
  readonly builder: GraphBuilder;
  readonly module: string;
}

type Build = (scope: Scope, input: string) => string;

const op = ({ builder, module }: Scope, opType: string, inputs: readonly string[], attributes?: Record<string, string>): string =>
  builder.op(opType, inputs, { name: `${module}${opType}`, ...(attributes === undefined ? {} : { attributes }) });

const simple =
  (opType: string, attributes?: Record<string, string>): Build =>
  (scope, input) =>
    op(scope, opType, [input], attributes);

const scaled = (scope: Scope, input: string, factor: number): string => op(scope, "Mul", [input, scope.builder.float(factor)]);

const clipped = (scope: Scope, input: string, bounds: { least: number; most: number }): string =>
  op(scope, "Clip", [input, scope.builder.float(bounds.least), scope.builder.float(bounds.most)]);

const gelu = simple("Gelu");
const geluTanh = simple("Gelu", { approximate: "tanh" });
const relu = simple("Relu");
const silu: Build = (scope, input) => op(scope, "Mul", [input, op(scope, "Sigmoid", [input])]);

/** μ and σ of the Laplace activation, https://arxiv.org/abs/2209.10655. */
const LAPLACE = { mean: Math.SQRT1_2, deviation: 0.282095 } as const;

const laplace: Build = (scope, input) => {
  const centred = op(scope, "Sub", [input, scope.builder.float(LAPLACE.mean)]);
  const erf = op(scope, "Erf", [scaled(scope, centred, 1 / (LAPLACE.deviation * Math.SQRT2))]);
  return scaled(scope, op(scope, "Add", [erf, scope.builder.float(1)]), 0.5);
};

/** Activations by the names that `hidden_act` has in config.json; those with parameters of their own are not among them. */
export const ACTIVATIONS: Readonly<Record<string, Build>> = {
  gelu,
  gelu_python: gelu,
  gelu_new: geluTanh,
  gelu_fast: geluTanh,
  gelu_accurate: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  gelu_python_tanh: geluTanh,
  gelu_10: (scope, input) => clipped(scope, gelu(scope, input), { least: -10, most: 10 }),
  quick_gelu: (scope, input) => op(scope, "Mul", [input, op(scope, "Sigmoid", [scaled(scope, input, 1.702)])]),
  hardswish: (scope, input) => {
    const gate = op(scope, "Add", [scaled(scope, input, 1 / 6), scope.builder.float(0.5)]);
    return op(scope, "Mul", [input, clipped(scope, gate, { least: 0, most: 1 })]);
  },
  laplace,
  leaky_relu: simple("LeakyRelu"),
  linear: (_, input) => input,
  mish: (scope, input) => op(scope, "Mul", [input, op(scope, "Tanh", [op(scope, "Softplus", [input])])]),
  relu,
  relu2: (scope, input) => {
    const positive = relu(scope, input);
    return op(scope, "Mul", [positive, positive]);
  },
  relu6: (scope, input) => clipped(scope, input, { least: 0, most: 6 }),
  sigmoid: simple("Sigmoid"),
  silu,
  swish: silu,
  tanh: simple("Tanh"),
};

/** Applies an activation by name; the family has checked that it exists. */
export function activate(builder: GraphBuilder, input: string, options: { activation: string; module: string }): string {
  const build = ACTIVATIONS[options.activation];
  if (build === undefined) throw new TypeError(`No activation is called "${options.activation}"`);
  return build({ builder, module: options.module }, input);
}
