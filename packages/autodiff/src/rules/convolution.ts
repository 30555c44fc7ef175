import { type Dim, intAttribute, intsAttribute, stringAttribute } from "@graft/onnx";
import { withoutGradient } from "../errors.ts";
import type { GradientOps } from "../gradient-ops.ts";
import type { Rule, Rules, Step } from "../rule.ts";

/** How the kernel slides: a number for each spatial axis. */
export interface Sliding {
  readonly group: number;
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** How a node's window slides. OPERATOR_WITHOUT_GRADIENT for pads that depend on sizes. */
export function sliding(g: GradientOps, { node, b }: Step): Sliding {
  const automatic = stringAttribute(node, "auto_pad", "NOTSET");
  if (automatic !== "NOTSET" && automatic !== "VALID")
    throw withoutGradient(node, `has a gradient rule only for pads that are given, not for auto_pad "${automatic}"`);
  const kernel = intsAttribute(node, "kernel_shape") ?? g.knownShape(b).slice(2);
  if (!kernel.every((size) => typeof size === "number")) throw withoutGradient(node, "needs the size of its kernel, which is unknown");
  const each = (value: number): number[] => kernel.map(() => value);
  const pads = (automatic === "VALID" ? undefined : intsAttribute(node, "pads")) ?? [...each(0), ...each(0)];
  return {
    group: intAttribute(node, "group", 1),
    kernel: kernel as number[],
    strides: intsAttribute(node, "strides") ?? each(1),
    dilations: intsAttribute(node, "dilations") ?? each(1),
    before: pads.slice(0, kernel.length),
    after: pads.slice(kernel.length),
  };
}

/** Positions at the end of each axis that no window reaches; undefined where the size of the axis is unknown and may matter. */
function unreached(shape: readonly Dim[], { kernel, strides, dilations, before, after }: Sliding): (number | undefined)[] {
  return kernel.map((size, axis) => {
    const stride = strides[axis] ?? 1;
    const length = shape[axis + 2];
    if (stride === 1) return 0;
    if (typeof length !== "number") return undefined;
    return (length + (before[axis] ?? 0) + (after[axis] ?? 0) - (size - 1) * (dilations[axis] ?? 1) - 1) % stride;
  });
}

/** Each gradient spread over the window that it came from: the transposed convolution. */
export function toInput(g: GradientOps, step: Step, slide: Sliding): string {
  const { x, b, dy } = step;
  const { group, strides, dilations, before, after } = slide;
  const rest = unreached(g.knownShape(x), slide);
  const common = { group, strides, dilations };
  if (rest.every((count) => count !== undefined))
    return g.op("ConvTranspose", [dy, b], { ...common, pads: [...before, ...after], output_padding: rest as number[] });
  // Of unknown length: without the pads at the end, then cut or lengthened to what x has.
  const whole = g.op("ConvTranspose", [dy, b], { ...common, pads: [...before, ...after.map(() => 0)] });
  const axes = g.int(before.map((_, axis) => axis + 2));
  const wanted = g.op("Slice", [g.shapeOf(x), g.int([2]), g.int([g.rank(x)])]);
  const cut = g.op("Slice", [whole, g.op("Mul", [wanted, g.int([0])]), wanted, axes]);
  const missing = g.sub(wanted, g.op("Slice", [g.shapeOf(cut), g.int([2]), g.int([g.rank(x)])]));
  const none = g.int(Array.from({ length: before.length + 2 }, () => 0));
  return g.op("Pad", [cut, g.op("Concat", [none, g.int([0, 0]), missing], { axis: 0 })]);
}

/**
 * Each weight's gradient is x convolved with dy, rows of the batch summed: they take the place of the channels, strides and
 * dilations swap theirs.
 */
function toWeight(g: GradientOps, step: Step, { group, kernel, strides, dilations, before, after }: Sliding): string {
  const { x, b, dy } = step;
  const width = g.sizeOf(b, 1);
  const space = kernel.map((_, axis) => axis + 2);
  const sizes = (value: string): string => g.op("Slice", [g.shapeOf(value), g.int([2]), g.int([g.rank(x)])]);
  const grouped = (): string => {
    const split = g.reshape(x, g.op("Concat", [g.sizeOf(x, 0), g.int([group]), width, sizes(x)], { axis: 0 }));
    const turned = g.transpose(split, [2, 1, 0, ...space.map((axis) => axis + 1)]);
    return g.op("Reshape", [turned, g.op("Concat", [width, g.int([-1]), sizes(x)], { axis: 0 })]);
  };
  const data = group === 1 ? g.transpose(x, [1, 0, ...space]) : grouped();
  const product = g.op("Conv", [data, g.transpose(dy, [1, 0, ...space])], {
    group,
    strides: dilations,
    dilations: strides,
    pads: [...before, ...after],
  });
  const cut = strides.every((stride) => stride === 1)
    ? product
    : g.op("Slice", [product, g.int(kernel.map(() => 0)), g.int(kernel), g.int(space)]);
  return g.transpose(cut, [1, 0, ...space]);
}

const conv: Rule = (g, step) => {
  const slide = sliding(g, step);
  const rank = g.rank(step.x);
  return [
    () => toInput(g, step, slide),
    () => toWeight(g, step, slide),
    () =>
      g.reduceSum(
        step.dy,
        Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1),
        { keepdims: false },
      ),
  ];
};

/** Convolution over [batch, channels, …]. */
export const CONVOLUTION: Rules = { Conv: conv };
