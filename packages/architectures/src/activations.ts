import type { GraphBuilder } from "@graft/onnx";

type Build = (builder: GraphBuilder, input: string, module: string) => string;

const gelu =
  (approximate?: "tanh"): Build =>
  (builder, input, module) =>
    builder.op("Gelu", [input], { name: `${module}Gelu`, attributes: { approximate } });

const simple =
  (opType: string): Build =>
  (builder, input, module) =>
    builder.op(opType, [input], { name: `${module}${opType}` });

const silu: Build = (builder, input, module) =>
  builder.op("Mul", [input, builder.op("Sigmoid", [input], { name: `${module}Sigmoid` })], { name: `${module}Mul` });

/** Activations by the names that `hidden_act` has in config.json. */
export const ACTIVATIONS: Readonly<Record<string, Build>> = {
  gelu: gelu(),
  gelu_python: gelu(),
  gelu_new: gelu("tanh"),
  gelu_fast: gelu("tanh"),
  gelu_pytorch_tanh: gelu("tanh"),
  relu: simple("Relu"),
  tanh: simple("Tanh"),
  sigmoid: simple("Sigmoid"),
  silu,
  swish: silu,
};

/** Applies an activation by name; the family has checked that it exists. */
export function activate(builder: GraphBuilder, input: string, options: { activation: string; module: string }): string {
  const build = ACTIVATIONS[options.activation];
  if (build === undefined) throw new TypeError(`No activation is called "${options.activation}"`);
  return build(builder, input, options.module);
}
