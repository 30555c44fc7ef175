import { intAttribute } from "../attributes.ts";
import { DataType } from "../types.ts";
import { LINEAR_ALGEBRA } from "./linear-algebra.ts";
import { input, type Rule } from "./rule.ts";

const dequantize: Rule = (context) => [
  { type: intAttribute(context.node, "output_dtype", 0) || input(context, 1).type || DataType.float32, shape: input(context, 0).shape },
];
const quantize: Rule = (context) => [
  { type: context.inputs[2]?.type ?? (intAttribute(context.node, "output_dtype", 0) || DataType.uint8), shape: input(context, 0).shape },
];

/** The quantised tensor, its scale and its zero point. */
const dynamic: Rule = (context) => [
  { type: DataType.uint8, shape: input(context, 0).shape },
  { type: DataType.float32, shape: [] },
  { type: DataType.uint8, shape: [] },
];

const matMulInteger: Rule = (context) =>
  (LINEAR_ALGEBRA["MatMul"] as Rule)(context).map((output) => ({ type: DataType.int32, shape: output.shape }));

/** Operators between floats and small integers. */
export const QUANTISATION: Readonly<Record<string, Rule>> = {
  DequantizeLinear: dequantize,
  QuantizeLinear: quantize,
  DynamicQuantizeLinear: dynamic,
  MatMulInteger: matMulInteger,
};
