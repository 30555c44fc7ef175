import { DataType, intAttribute } from "@graft/onnx";
import { withoutGradient } from "../errors.ts";
import type { Rule, Rules } from "../rule.ts";
import { sliding, toInput } from "./convolution.ts";

/** The first operator set in which scattering can add. */
const SCATTER_ADD = 16;

/** Each gradient goes to the element that was largest in its window; windows may share it. */
const maxPool: Rule = (g, { node, x, dy }) => [
  () => {
    if (g.opset < SCATTER_ADD) throw withoutGradient(node, `has a gradient rule from opset ${SCATTER_ADD} on`);
    const flat = (value: string): string => g.reshape(value, g.int([-1]));
    const size = g.op("Unsqueeze", [g.op("Size", [x]), g.int([0])]);
    const scattered = g.op("ScatterElements", [g.zeros(size, x), flat(g.forwardOutput(1)), flat(dy)], { axis: 0, reduction: "add" });
    return g.op("Reshape", [scattered, g.shapeOf(x)]);
  },
];

/** Each gradient is spread evenly over its window: a transposed convolution with equal weights. */
const averagePool: Rule = (g, step) => [
  () => {
    const { node, x, dy } = step;
    if (intAttribute(node, "ceil_mode", 0) !== 0) throw withoutGradient(node, "has no gradient rule for windows that reach past the end");
    const slide = sliding(g, step);
    const count = slide.kernel.reduce((product, size) => product * size, 1);
    // Channels take part each on its own, as rows of the batch do.
    const apart = (value: string): string =>
      g.op("Reshape", [
        value,
        g.op("Concat", [g.int([-1, 1]), g.op("Slice", [g.shapeOf(value), g.int([2]), g.int([g.rank(x)])])], { axis: 0 }),
      ]);
    const weight = g.op("Expand", [g.constant(1 / count, x), g.int([1, 1, ...slide.kernel])]);
    const padded = [...slide.before, ...slide.after].some((pad) => pad > 0) && intAttribute(node, "count_include_pad", 0) === 0;
    const attributes = {
      kernel_shape: slide.kernel,
      strides: slide.strides,
      pads: [...slide.before, ...slide.after],
      count_include_pad: 1,
    };
    // Windows at the border average fewer elements: each gradient is worth more there.
    const share = padded ? g.op("AveragePool", [g.op("Expand", [g.constant(1, x), g.shapeOf(x)])], attributes) : "";
    const spread = toInput(g, { ...step, b: weight, dy: apart(share === "" ? dy : g.div(dy, share)) }, slide);
    return g.op("Reshape", [spread, g.shapeOf(x)]);
  },
];

const globalAveragePool: Rule = (g, { x, y, dy }) => [
  () => {
    const count = g.op("Div", [g.op("Size", [x]), g.op("Size", [y])]);
    return g.op("Expand", [g.div(dy, g.cast(count, g.type(x) || DataType.float32)), g.shapeOf(x)]);
  },
];

/** Pooling over [batch, channels, …]. */
export const POOLING: Rules = { MaxPool: maxPool, AveragePool: averagePool, GlobalAveragePool: globalAveragePool };
