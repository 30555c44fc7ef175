import { Float } from "@graft/onnx";
import type { Case, Cases } from "../finite-differences.ts";
import { bools, normal, positive, spread } from "./values.ts";

const unary = (opType: string, values = normal([2, 3])): Case[] => [{ inputs: { x: values }, build: (b) => b.op(opType, ["x"]) }];

/** Two operands of every relation of shapes: equal, one stretched, both stretched, one with fewer axes, scalars. */
function pairs(opType: string, make: (dims: readonly number[]) => ReturnType<typeof normal> = normal): Case[] {
  const shapes = [
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [3]],
    [
      [4, 1, 3],
      [2, 1],
    ],
    [[1], [2, 2]],
    [[], [3]],
    [
      [2, 1, 3],
      [1, 4, 3],
    ],
    [[2], [3, 1]],
  ] as const;
  return shapes.map(([a, b]) => ({
    name: `[${a}] with [${b}]`,
    inputs: { a: make(a), b: make(b) },
    build: (builder) => builder.op(opType, ["a", "b"]),
  }));
}

const microsoft = { domain: "com.microsoft" } as const;

/** Cases of elementwise operators. */
export const ELEMENTWISE_CASES: Cases = {
  Add: [...pairs("Add"), { name: "a value to itself", inputs: { a: normal([2, 2]) }, build: (b) => b.op("Add", ["a", "a"]) }],
  Sub: pairs("Sub"),
  Mul: [...pairs("Mul"), { name: "a value with itself", inputs: { a: normal([2, 2]) }, build: (b) => b.op("Mul", ["a", "a"]) }],
  Div: pairs("Div", positive),
  Sum: [{ inputs: { a: normal([2, 3]), b: normal([3]), c: normal([2, 1]) }, build: (b) => b.op("Sum", ["a", "b", "c"]) }],
  Pow: [
    ...pairs("Pow", positive),
    { name: "a square of negative numbers", inputs: { a: normal([2, 3]) }, build: (b) => b.op("Pow", ["a", b.float(2)]) },
    { name: "a cube", inputs: { a: positive([2, 3]) }, build: (b) => b.op("Pow", ["a", b.float(3)]) },
    { name: "an integer exponent", inputs: { a: positive([2, 3]) }, build: (b) => b.op("Pow", ["a", b.int(3)]) },
  ],
  Neg: unary("Neg"),
  Abs: unary("Abs", spread([2, 3])),
  Sqrt: unary("Sqrt", positive([2, 3])),
  Reciprocal: unary("Reciprocal", positive([2, 3])),
  Exp: unary("Exp"),
  Log: unary("Log", positive([2, 3])),
  Sin: unary("Sin"),
  Cos: unary("Cos"),
  Erf: unary("Erf"),
  Relu: unary("Relu", spread([2, 3])),
  LeakyRelu: [{ inputs: { x: spread([2, 3]) }, build: (b) => b.op("LeakyRelu", ["x"], { attributes: { alpha: new Float(0.2) } }) }],
  Elu: [
    ...unary("Elu", spread([2, 3])),
    {
      name: "a slope of its own",
      inputs: { x: spread([2, 3]) },
      build: (b) => b.op("Elu", ["x"], { attributes: { alpha: new Float(0.3) } }),
    },
  ],
  Tanh: unary("Tanh"),
  Sigmoid: unary("Sigmoid"),
  Softplus: unary("Softplus"),
  Gelu: ["none", "tanh"].map((approximate) => ({
    name: approximate,
    opsets: [20, 21],
    inputs: { x: normal([2, 4], { low: -3, high: 3 }) },
    build: (b) => b.op("Gelu", ["x"], { attributes: { approximate } }),
  })),
  "com.microsoft.Gelu": [{ inputs: { x: normal([2, 4], { low: -3, high: 3 }) }, build: (b) => b.op("Gelu", ["x"], microsoft) }],
  "com.microsoft.BiasGelu": [
    { inputs: { x: normal([2, 2, 4], { low: -2, high: 2 }), bias: normal([4]) }, build: (b) => b.op("BiasGelu", ["x", "bias"], microsoft) },
  ],
  "com.microsoft.FastGelu": [
    { inputs: { x: normal([2, 4], { low: -3, high: 3 }) }, build: (b) => b.op("FastGelu", ["x"], microsoft) },
    {
      name: "with a bias",
      inputs: { x: normal([2, 4], { low: -3, high: 3 }), bias: normal([4]) },
      build: (b) => b.op("FastGelu", ["x", "bias"], microsoft),
    },
  ],
  "com.microsoft.QuickGelu": [
    { inputs: { x: normal([2, 4]) }, build: (b) => b.op("QuickGelu", ["x"], { ...microsoft, attributes: { alpha: new Float(1.3) } }) },
  ],
  Max: chosen("Max"),
  Min: chosen("Min"),
  Clip: [
    { inputs: { x: spread([2, 4]) }, build: (b) => b.op("Clip", ["x", b.float(-0.4), b.float(0.4)]) },
    { name: "from below", inputs: { x: spread([2, 4]) }, build: (b) => b.op("Clip", ["x", b.float(0)]) },
    { name: "without bounds", inputs: { x: spread([2, 4]) }, build: (b) => b.op("Clip", ["x"]) },
  ],
  Where: [
    {
      inputs: { mask: bools([1, 0, 1, 0, 0, 1], [2, 3]), a: normal([2, 3]), b: normal([2, 3]) },
      build: (b) => b.op("Where", ["mask", "a", "b"]),
    },
    {
      name: "stretched",
      inputs: { mask: bools([1, 0], [2, 1]), a: normal([3]), b: normal([]) },
      build: (b) => b.op("Where", ["mask", "a", "b"]),
    },
  ],
};

function chosen(opType: string): Case[] {
  const all = Array.from({ length: 12 }, (_, index) => 0.2 * ((index * 5) % 12));
  const part = (from: number, dims: readonly number[]) => ({
    dims,
    values: all.slice(from, from + dims.reduce((product, dim) => product * dim, 1)),
  });
  return [
    { inputs: { a: part(0, [2, 3]), b: part(6, [2, 3]) }, build: (b) => b.op(opType, ["a", "b"]) },
    {
      name: "three values, stretched",
      inputs: { a: part(0, [2, 3]), b: part(6, [3]), c: part(9, [2, 1]) },
      build: (b) => b.op(opType, ["a", "b", "c"]),
    },
  ];
}
