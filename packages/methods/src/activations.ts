import { GraftError } from "@graft/error";
import type { GraphBuilder } from "@graft/onnx";

/** What may stand behind a dense layer of a head. */
export const HEAD_ACTIVATIONS = {
  tanh: (builder, value, scope) => builder.op("Tanh", [value], { name: `${scope}/Tanh` }),
  relu: (builder, value, scope) => builder.op("Relu", [value], { name: `${scope}/Relu` }),
  gelu,
} as const satisfies Record<string, (builder: GraphBuilder, value: string, scope: string) => string>;

/** Other names of the same activations in config.json. */
const ALIASES: Readonly<Record<string, keyof typeof HEAD_ACTIVATIONS>> = { gelu_python: "gelu" };

/** The activation that config.json gives under a key; undefined where it has none. ARCHITECTURE_UNSUPPORTED for one that heads do not have. */
export function configuredActivation(config: Readonly<Record<string, unknown>>, key: string): keyof typeof HEAD_ACTIVATIONS | undefined {
  const name = config[key];
  if (name === undefined) return undefined;
  const known = Object.keys(HEAD_ACTIVATIONS) as (keyof typeof HEAD_ACTIVATIONS)[];
  const found = known.find((activation) => activation === name) ?? Object.entries(ALIASES).find(([alias]) => alias === name)?.[1];
  if (found !== undefined) return found;
  throw new GraftError(
    "ARCHITECTURE_UNSUPPORTED",
    `Cannot plan a head: config.json has ${key} ${JSON.stringify(name)}, want gelu, relu or tanh`,
    {
      hint: "Export the model to ONNX with its head, or take another base",
    },
  );
}

/** x · Φ(x) with the error function: the operator Gelu begins with opset 20. */
function gelu(builder: GraphBuilder, value: string, scope: string): string {
  const scaled = builder.op("Mul", [value, builder.float(Math.SQRT1_2)], { name: `${scope}/gelu/Scale` });
  const shifted = builder.op("Add", [builder.op("Erf", [scaled], { name: `${scope}/gelu/Erf` }), builder.float(1)], {
    name: `${scope}/gelu/Add`,
  });
  const half = builder.op("Mul", [value, builder.float(0.5)], { name: `${scope}/gelu/Half` });
  return builder.op("Mul", [half, shifted], { name: `${scope}/gelu/Mul` });
}
