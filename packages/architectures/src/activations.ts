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

/** x · σ(1.702 x), an approximation of GELU. */
const quickGelu: Build = (builder, input, module) => {
  const scaled = builder.op("Mul", [input, builder.float(1.702)], { name: `${module}Scale` });
  return builder.op("Mul", [input, builder.op("Sigmoid", [scaled], { name: `${module}Sigmoid` })], { name: `${module}Mul` });
};

const squaredRelu: Build = (builder, input, module) => {
  const positive = builder.op("Relu", [input], { name: `${module}Relu` });
  return builder.op("Mul", [positive, positive], { name: `${module}Mul` });
};

const mish: Build = (builder, input, module) => {
  const soft = builder.op("Softplus", [input], { name: `${module}Softplus` });
  return builder.op("Mul", [input, builder.op("Tanh", [soft], { name: `${module}Tanh` })], { name: `${module}Mul` });
};

/** Activations by the names that `hidden_act` has in config.json. */
export const ACTIVATIONS: Readonly<Record<string, Build>> = {
  gelu: gelu(),
  gelu_python: gelu(),
  gelu_new: gelu("tanh"),
  gelu_fast: gelu("tanh"),
  gelu_pytorch_tanh: gelu("tanh"),
  gelu_python_tanh: gelu("tanh"),
  gelu_accurate: gelu("tanh"),
  quick_gelu: quickGelu,
  relu: simple("Relu"),
  relu2: squaredRelu,
  leaky_relu: simple("LeakyRelu"),
  tanh: simple("Tanh"),
  sigmoid: simple("Sigmoid"),
  silu,
  swish: silu,
  mish,
  linear: (_, input) => input,
};

/** Applies an activation by name; the family has checked that it exists. */
export function activate(builder: GraphBuilder, input: string, options: { activation: string; module: string }): string {
  const build = ACTIVATIONS[options.activation];
  if (build === undefined) throw new TypeError(`No activation is called "${options.activation}"`);
  return build(builder, input, options.module);
}
