import { DataType } from "@graft/onnx";
import { bools, type Case, floats, ints } from "./case.ts";

const unary: Case[] = [{ inputs: [floats("batch", "sequence", 4)] }];
const binary: Case[] = [
  { inputs: [floats("batch", "sequence", 4), floats(4)] },
  { inputs: [floats("batch", 1, 4), floats("sequence", 1)] },
  {
    inputs: [
      [-7, 2, 9],
      [2, 2, 3],
    ],
  },
  { inputs: [[6, 8], 3] },
];
const logical: Case[] = [{ inputs: [bools("batch", 1), bools("sequence")] }, { inputs: [bools(2), bools(1)] }];
const names = [
  "Erf",
  "Tanh",
  "Relu",
  "LeakyRelu",
  "Elu",
  "Selu",
  "Celu",
  "Sigmoid",
  "HardSigmoid",
  "HardSwish",
  "Mish",
  "Softplus",
  "Softsign",
  "Exp",
  "Log",
  "Sin",
  "Cos",
  "Tan",
  "Asin",
  "Acos",
  "Atan",
  "Sinh",
  "Cosh",
  "Softmax",
  "LogSoftmax",
  "Hardmax",
  "Neg",
  "Abs",
  "Sqrt",
  "Floor",
  "Ceil",
  "Round",
  "Sign",
  "Reciprocal",
];

/** Cases of the operators that work on each element. */
export const ELEMENTWISE_CASES: Readonly<Record<string, readonly Case[]>> = {
  ...Object.fromEntries(names.map((name) => [name, unary])),
  ...Object.fromEntries(
    ["Add", "Sub", "Mul", "Div", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"].map((name) => [name, binary]),
  ),
  ...Object.fromEntries(["And", "Or", "Xor"].map((name) => [name, logical])),
  Pow: [
    { inputs: [floats("batch", "sequence"), 2] },
    {
      inputs: [
        [2, 3],
        [3, 2],
      ],
    },
  ],
  Mod: [{ inputs: [ints("batch", "sequence"), 2] }, { inputs: [[-7, 7, 5], 3] }, { inputs: [[-7, 7], 3], attributes: { fmod: 1 } }],
  Min: [
    { inputs: [floats("batch", 1), floats("sequence"), floats(1)] },
    {
      inputs: [
        [1, 5],
        [3, 3],
      ],
    },
  ],
  Max: [
    { inputs: [floats("batch", "sequence")] },
    {
      inputs: [
        [1, 5],
        [3, 3],
        [0, 9],
      ],
    },
  ],
  Sum: [{ inputs: [floats("batch", 1), floats("sequence")] }],
  Mean: [{ inputs: [floats("batch", 1), floats("sequence")] }],
  PRelu: [{ inputs: [floats("batch", "sequence"), floats(1)] }],
  Not: [{ inputs: [bools("batch")] }],
  IsNaN: unary,
  IsInf: unary,
  Where: [{ inputs: [bools("batch", 1, 1), floats("sequence", 4), floats(1)] }, { inputs: [bools(1), [1, 2], [3, 4]] }],
  Cast: [
    { inputs: [floats("batch", "sequence")], attributes: { to: DataType.float16 } },
    { inputs: [[-3, 0, 2]], attributes: { to: DataType.bool } },
    { inputs: [{ floats: [-1.5, 2.7], dims: [2] }], attributes: { to: DataType.int64 } },
  ],
  CastLike: [{ inputs: [ints("batch"), floats(1)], opset: 19 }],
  Clip: [{ inputs: [floats("batch", "sequence"), { floats: [0], dims: [] }] }, { inputs: [floats("batch")], opset: 10 }],
  Gelu: [{ inputs: [floats("batch", "sequence")], opset: 20 }],
  Trilu: [{ inputs: [floats("batch", "sequence", "sequence"), 1] }],
  CumSum: [{ inputs: [ints("batch", "sequence"), 1] }],
  "com.microsoft.BiasGelu": [{ inputs: [floats("batch", "sequence", 4), floats(4)] }],
  "com.microsoft.FastGelu": [{ inputs: [floats("batch", "sequence", 4), floats(4)] }],
  "com.microsoft.Gelu": unary,
  "com.microsoft.QuickGelu": unary,
};
