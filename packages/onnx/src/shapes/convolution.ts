import { intAttribute, intsAttribute, stringAttribute } from "../attributes.ts";
import type { Dim } from "../types.ts";
import { addDims, ceilDivideDims, floorDivideDims, subtractDims } from "./dim.ts";
import { input, type Rule, type RuleContext } from "./rule.ts";
import { DataType } from "../types.ts";

/** Sizes after a window slid over the spatial dimensions. */
function windowed(context: RuleContext, options: { spatial: readonly Dim[]; kernel: readonly Dim[] }): Dim[] {
  const { node } = context;
  const rank = options.spatial.length;
  const strides = intsAttribute(node, "strides");
  const dilations = intsAttribute(node, "dilations");
  const pads = intsAttribute(node, "pads");
  const automatic = stringAttribute(node, "auto_pad", "NOTSET") as string;
  const divide = intAttribute(node, "ceil_mode", 0) === 1 ? ceilDivideDims : floorDivideDims;
  return options.spatial.map((dim, axis) => {
    const stride = strides?.[axis] ?? 1;
    if (automatic.startsWith("SAME")) return ceilDivideDims(dim, stride);
    const padding = automatic === "VALID" ? 0 : (pads?.[axis] ?? 0) + (pads?.[axis + rank] ?? 0);
    const reach = options.kernel[axis];
    if (typeof reach !== "number") return context.fresh();
    const covered = (reach - 1) * (dilations?.[axis] ?? 1) + 1;
    return addDims(divide(subtractDims(addDims(dim, padding), covered), stride), 1);
  });
}

const conv: Rule = (context) => {
  const [data, weight] = [input(context, 0), input(context, 1)];
  if (data.shape === undefined || weight.shape === undefined) return [{ type: data.type, shape: undefined }];
  const kernel = intsAttribute(context.node, "kernel_shape") ?? weight.shape.slice(2);
  return [
    {
      type: data.type,
      shape: [data.shape[0] as Dim, weight.shape[0] as Dim, ...windowed(context, { spatial: data.shape.slice(2), kernel })],
    },
  ];
};

const pool: Rule = (context) => {
  const { type, shape } = input(context, 0);
  const kernel = intsAttribute(context.node, "kernel_shape") ?? [];
  const result = shape === undefined ? undefined : [...shape.slice(0, 2), ...windowed(context, { spatial: shape.slice(2), kernel })];
  return [
    { type, shape: result },
    { type: DataType.int64, shape: result },
  ];
};

const globalPool: Rule = (context) => {
  const { type, shape } = input(context, 0);
  return [{ type, shape: shape?.map((dim, axis) => (axis < 2 ? dim : 1)) }];
};

/** Convolution and pooling over [batch, channels, …]. */
export const CONVOLUTION: Readonly<Record<string, Rule>> = {
  Conv: conv,
  MaxPool: pool,
  AveragePool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
};
