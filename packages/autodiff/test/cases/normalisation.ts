import { Float, type GraphBuilder } from "@graft/onnx";
import type { Case, Cases } from "../finite-differences.ts";
import { normal, positive } from "./values.ts";

const epsilon = new Float(1e-5);
const microsoft = { domain: "com.microsoft", attributes: { epsilon } } as const;

const softmax = (opType: string): Case[] => [
  { inputs: { x: normal([2, 4]) }, build: (b) => b.op(opType, ["x"]) },
  { name: "over axis 1 of 3", inputs: { x: normal([2, 3, 2]) }, build: (b) => b.op(opType, ["x"], { attributes: { axis: 1 } }) },
];

function weighted(opType: string, options: { bias: boolean; opsets?: readonly number[] }): Case[] {
  const inputs = (axes: readonly number[]) => ({
    x: normal([2, 3, 4]),
    scale: positive(axes),
    ...(options.bias ? { bias: normal(axes) } : {}),
  });
  const rest = options.opsets === undefined ? {} : { opsets: options.opsets };
  return [
    {
      ...rest,
      inputs: inputs([4]),
      build: (b) => b.op(opType, ["x", "scale", ...(options.bias ? ["bias"] : [])], { attributes: { axis: -1, epsilon } }),
    },
    {
      ...rest,
      name: "over two axes",
      inputs: inputs([3, 4]),
      build: (b) => b.op(opType, ["x", "scale", ...(options.bias ? ["bias"] : [])], { attributes: { axis: 1, epsilon } }),
    },
  ];
}

/** A layer normalisation in the operators that older exporters wrote. */
function decomposed(b: GraphBuilder, opset: number): string {
  const mean = (x: string): string =>
    opset >= 18 ? b.op("ReduceMean", [x, b.int([-1])]) : b.op("ReduceMean", [x], { attributes: { axes: [-1] } });
  const centred = b.op("Sub", ["x", mean("x")]);
  const deviation = b.op("Sqrt", [b.op("Add", [mean(b.op("Pow", [centred, b.float(2)])), b.float(1e-5)])]);
  return b.op("Add", [b.op("Mul", [b.op("Div", [centred, deviation]), "scale"]), "bias"]);
}

/** Cases of normalisation and softmax. */
export const NORMALISATION_CASES: Cases = {
  Softmax: [
    ...softmax("Softmax"),
    {
      name: "of attention",
      inputs: { x: normal([2, 3, 4]), v: normal([2, 4, 5]) },
      build: (b) => b.op("MatMul", [b.op("Softmax", ["x"], { attributes: { axis: -1 } }), "v"]),
    },
    {
      name: "of attention, one for several",
      inputs: { x: normal([1, 3, 4]), v: normal([2, 4, 5]) },
      build: (b) => b.op("MatMul", [b.op("Softmax", ["x"], { attributes: { axis: 2 } }), "v"]),
    },
  ],
  LogSoftmax: softmax("LogSoftmax"),
  LayerNormalization: [
    ...weighted("LayerNormalization", { bias: true }),
    { name: "decomposed", inputs: { x: normal([2, 3, 4]), scale: positive([4]), bias: normal([4]) }, build: decomposed },
    {
      name: "without a bias",
      inputs: { x: normal([2, 4]), scale: positive([4]) },
      build: (b) => b.op("LayerNormalization", ["x", "scale"], { attributes: { epsilon } }),
    },
  ],
  SimplifiedLayerNormalization: weighted("SimplifiedLayerNormalization", { bias: false }),
  RMSNormalization: weighted("RMSNormalization", { bias: false, opsets: [23] }),
  "com.microsoft.SkipLayerNormalization": [
    {
      inputs: { x: normal([2, 3, 4]), skip: normal([2, 3, 4]), scale: positive([4]), beta: normal([4]), bias: normal([4]) },
      build: (b) => b.op("SkipLayerNormalization", ["x", "skip", "scale", "beta", "bias"], microsoft),
    },
    {
      name: "whose sum is used too",
      inputs: { x: normal([2, 3, 4]), skip: normal([2, 3, 4]), scale: positive([4]) },
      build: (b) => {
        const [y = "", , , sum = ""] = b.ops("SkipLayerNormalization", ["x", "skip", "scale"], {
          ...microsoft,
          outputs: ["y", "", "", "sum"],
        });
        return [y, sum];
      },
    },
  ],
  "com.microsoft.SkipSimplifiedLayerNormalization": [
    {
      inputs: { x: normal([2, 3, 4]), skip: normal([2, 3, 4]), scale: positive([4]), bias: normal([4]) },
      build: (b) => b.op("SkipSimplifiedLayerNormalization", ["x", "skip", "scale", "bias"], microsoft),
    },
  ],
};
