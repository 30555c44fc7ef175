import { intAttribute } from "@graft/onnx";
import { withoutGradient } from "../errors.ts";
import type { GradientOps } from "../gradient-ops.ts";
import type { Rule, Rules } from "../rule.ts";

/** Scattering with addition came with this version. */
const SCATTER_ADD = 16;
/** Up to about here a product with a matrix of zeros and ones is faster than adding row by row (measured). */
const SMALL_TABLE = 256;

/** Zeros around a part of x that begins at `start` (int64 vector [1], not negative) along an axis. */
function padTo(
  g: GradientOps,
  { part, x, axis, start, length }: { part: string; x: string; axis: number; start: string; length: string },
): string {
  const rank = g.rank(x);
  const none = (count: number): string[] => (count === 0 ? [] : [g.int(Array.from({ length: count }, () => 0))]);
  const after = g.sub(g.sub(g.sizeOf(x, axis), start), length);
  return g.op("Pad", [part, g.op("Concat", [...none(axis), start, ...none(rank - 1), after, ...none(rank - 1 - axis)], { axis: 0 })]);
}

const gather: Rule = (g, { node, x, b: indices, dy, y }) => [
  () => {
    const rank = g.rank(x);
    const axis = (intAttribute(node, "axis", 0) + rank) % rank;
    const known = g.known(indices);
    if (known?.length === 1) {
      const part =
        g.rank(indices) === 1
          ? dy
          : g.unsqueeze(g.rank(indices) === 0 ? dy : g.reshape(dy, dropped(g, { y, axis, count: g.rank(indices) })), [axis]);
      const start = (known[0] as number) < 0 ? g.add(g.sizeOf(x, axis), g.int([known[0] as number])) : g.int([known[0] as number]);
      return padTo(g, { part, x, axis, start, length: g.int([1]) });
    }
    const flat = g.reshape(indices, g.int([-1]));
    const before = Array.from({ length: axis }, () => 0);
    // All axes of the indices become one; where they were one already, nothing moves.
    const part = g.rank(indices) === 1 ? dy : g.reshape(dy, joined(g, { x, axis, before }), { zeros: axis > 0 });
    const size = g.knownShape(x)[axis];
    if (g.opset < SCATTER_ADD || (typeof size === "number" && size <= SMALL_TABLE)) return oneHot(g, { x, axis, flat, part });
    // Not ScatterND: with several threads onnxruntime loses sums of rows that occur more than once (onnxruntime#18048).
    const zeros = g.zeros(g.shapeOf(x), x);
    const spread = g.op("Expand", [
      g.unsqueeze(flat, [...before.keys(), ...Array.from({ length: rank - axis - 1 }, (_, index) => axis + 1 + index)]),
      g.shapeOf(part),
    ]);
    return g.op("ScatterElements", [zeros, spread, part], { axis, reduction: "add" });
  },
];

/** The shape of x with −1 in place of one axis. */
function joined(g: GradientOps, { x, axis, before }: { x: string; axis: number; before: readonly number[] }): string {
  const rest = g.knownShape(x).slice(axis + 1);
  if (rest.every((dim) => typeof dim === "number")) return g.int([...before, -1, ...(rest as number[])]);
  const after = g.op("Slice", [g.shapeOf(x), g.int([axis + 1]), g.int([g.rank(x)])]);
  return g.op("Concat", [g.int([...before, -1]), after], { axis: 0 });
}

/** The shape of y without the axes that an index of one element in `count` axes added. */
function dropped(g: GradientOps, { y, axis, count }: { y: string; axis: number; count: number }): string {
  const shape = g.shapeOf(y);
  const [front, back] = [
    g.op("Slice", [shape, g.int([0]), g.int([axis])]),
    g.op("Slice", [shape, g.int([axis + count]), g.int([g.rank(y)])]),
  ];
  return g.op("Concat", [front, back], { axis: 0 });
}

/** The sum of rows as a product with a matrix of zeros and ones: for small tables, and where scattering cannot add. */
function oneHot(g: GradientOps, { x, axis, flat, part }: { x: string; axis: number; flat: string; part: string }): string {
  const rows = g.op(
    "OneHot",
    [
      flat,
      g.sizeOf(x, axis),
      g.op("Concat", [g.reshape(g.constant(0, x), g.int([1])), g.reshape(g.constant(1, x), g.int([1]))], { axis: 0 }),
    ],
    { axis: 0 },
  );
  // [before…, N, after…] as [before, N, after], since a product takes the last two axes.
  const sizes = axis === 0 ? g.int([1]) : g.op("ReduceProd", [g.op("Slice", [g.shapeOf(x), g.int([0]), g.int([axis])])]);
  const block = g.reshape(part, g.op("Concat", [sizes, g.shapeOf(flat), g.int([-1])], { axis: 0 }));
  return g.reshape(g.op("MatMul", [rows, block]), g.shapeOf(x));
}

const gatherElements: Rule = (g, { node, x, b: indices, dy }) => {
  if (g.opset < SCATTER_ADD) throw withoutGradient(node, `has a gradient rule from opset ${SCATTER_ADD} on`);
  return [
    () => g.op("ScatterElements", [g.zeros(g.shapeOf(x), x), indices, dy], { axis: intAttribute(node, "axis", 0), reduction: "add" }),
  ];
};

/** Positions of the elements, cut like x itself, say where each element of dy goes. */
const slice: Rule = (g, { x, y, dy, inputs }) => [
  () => {
    const [, starts = "", ends = "", axes = "", steps = ""] = inputs;
    const [start, axis, step] = [g.known(starts), axes === "" ? [0] : g.known(axes), steps === "" ? [1] : g.known(steps)];
    if (start?.length === 1 && axis?.length === 1 && step?.[0] === 1) {
      const position = ((axis[0] as number) + g.rank(x)) % g.rank(x);
      return padTo(g, {
        part: dy,
        x,
        axis: position,
        start: normalisedStart(g, { start: start[0] as number, x, axis: position }),
        length: g.sizeOf(y, position),
      });
    }
    const size = g.op("Size", [x]);
    const places = g.reshape(g.op("Range", [g.int(0), size, g.int(1)]), g.shapeOf(x));
    const flat = g.int([-1]);
    const picked = g.reshape(g.op("Slice", [places, starts, ends, ...inputs.slice(3)]), flat);
    const zeros = g.zeros(g.reshape(size, flat), x);
    return g.reshape(g.op("ScatterElements", [zeros, picked, g.reshape(dy, flat)], { axis: 0 }), g.shapeOf(x));
  },
];

/** A start between 0 and the size of the axis. */
function normalisedStart(g: GradientOps, { start, x, axis }: { start: number; x: string; axis: number }): string {
  const size = g.sizeOf(x, axis);
  return start === 0
    ? g.int([0])
    : start > 0
      ? g.op("Min", [g.int([start]), size])
      : g.op("Max", [g.int([0]), g.add(size, g.int([start]))]);
}

/** Operators that pick elements by position. */
export const INDEXING: Rules = { Gather: gather, GatherElements: gatherElements, Slice: slice };
