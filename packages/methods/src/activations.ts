import type { GraphBuilder } from "@graft/onnx";

/** What may stand behind a dense layer of a head. */
export const HEAD_ACTIVATIONS = {
  tanh: (builder, value, scope) => builder.op("Tanh", [value], { name: `${scope}/Tanh` }),
  relu: (builder, value, scope) => builder.op("Relu", [value], { name: `${scope}/Relu` }),
  gelu,
} as const satisfies Record<string, (builder: GraphBuilder, value: string, scope: string) => string>;

/** x · Φ(x) with the error function: the operator Gelu begins with opset 20. */
export function gelu(builder: GraphBuilder, value: string, scope: string): string {
  const scaled = builder.op("Mul", [value, builder.float(Math.SQRT1_2)], { name: `${scope}/gelu/Scale` });
  const shifted = builder.op("Add", [builder.op("Erf", [scaled], { name: `${scope}/gelu/Erf` }), builder.float(1)], {
    name: `${scope}/gelu/Add`,
  });
  const half = builder.op("Mul", [value, builder.float(0.5)], { name: `${scope}/gelu/Half` });
  return builder.op("Mul", [half, shifted], { name: `${scope}/gelu/Mul` });
}
