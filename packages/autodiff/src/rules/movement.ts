import { intAttribute, intsAttribute, stringAttribute } from "@graft/onnx";
import { withoutGradient } from "../errors.ts";
import type { Rule, Rules } from "../rule.ts";
import { reshapeLike } from "../shape.ts";

/** The elements stay in order: only the shape goes back. */
const reshaped: Rule = (g, { dy, x, y }) => [() => reshapeLike(g, dy, { from: y, to: x })];

const concat: Rule = (g, { node, dy, inputs, y }) => {
  const axis = intAttribute(node, "axis", 0);
  let parts: string[] | undefined;
  const split = (): string[] => {
    const sizes = inputs.map((input) => g.shape(input)?.at(axis));
    const known = sizes.every((size) => typeof size === "number");
    const list = known
      ? g.int(sizes as number[])
      : g.op(
          "Concat",
          inputs.map((input) => g.sizeOf(input, axis < 0 ? axis + g.rank(y) : axis)),
          { axis: 0 },
        );
    return g.ops("Split", [dy, list], { outputs: inputs.length, attributes: { axis } });
  };
  return inputs.map((_, index) => () => (inputs.length === 1 ? dy : ((parts ??= split())[index] ?? "")));
};

const split: Rule = (g, { node, outputs, gradient }) => {
  const gradients = outputs.map((_, index) => gradient(index));
  return [
    () =>
      g.op(
        "Concat",
        gradients.map((given, index) => given ?? g.zerosLike(outputs[index] ?? "")),
        { axis: intAttribute(node, "axis", 0) },
      ),
  ];
};

/** dy as [repeats₀, size₀, repeats₁, size₁, …], summed over the repeats. */
const tile: Rule = (g, { dy, x, inputs }) => [
  () => {
    const pairs = g.op("Concat", [g.unsqueeze(inputs[1] ?? "", [1]), g.unsqueeze(g.shapeOf(x), [1])], { axis: 1 });
    const blocks = g.reshape(dy, g.reshape(pairs, g.int([-1])));
    return g.reduceSum(
      blocks,
      Array.from({ length: g.rank(x) }, (_, axis) => 2 * axis),
      { keepdims: false },
    );
  },
];

const pad: Rule = (g, { node, dy, inputs }) => {
  if (stringAttribute(node, "mode", "constant") !== "constant")
    throw withoutGradient(node, "has a gradient rule only for constant padding");
  const axes = inputs[3] ?? "";
  return [() => g.op("Pad", axes === "" ? [dy, g.neg(inputs[1] ?? "")] : [dy, g.neg(inputs[1] ?? ""), "", axes])];
};

const cast: Rule = (g, { dy, x }) => [() => g.cast(dy, g.type(x))];

/** A mask and a scale in training mode; the identity otherwise. */
const dropout: Rule = (g, { dy, x, inputs }) => [
  () => {
    const training = inputs[2] ?? "";
    if (training === "" || g.known(training)?.[0] === 0) return dy;
    const ratio = inputs[1] ? g.cast(inputs[1], g.type(x)) : g.constant(0.5, x);
    const kept = g.mul(dy, g.mask(g.forwardOutput(1), x));
    const scaled = g.div(kept, g.sub(g.constant(1, x), ratio));
    return g.known(training) === undefined ? g.where(training, scaled, dy) : scaled;
  },
];

/** Operators that move, copy or convert elements. */
export const MOVEMENT: Rules = {
  Identity: (_, { dy }) => [() => dy],
  Cast: cast,
  CastLike: cast,
  Dropout: dropout,
  Reshape: reshaped,
  Flatten: reshaped,
  Squeeze: reshaped,
  Unsqueeze: reshaped,
  Transpose: (g, { dy, x, node }) => [
    () => {
      const perm = intsAttribute(node, "perm") ?? Array.from({ length: g.rank(x) }, (_, axis) => g.rank(x) - 1 - axis);
      return g.transpose(
        dy,
        perm.map((_, axis) => perm.indexOf(axis)),
      );
    },
  ],
  Expand: (g, { dy, x, y }) => [() => g.sumTo(dy, { from: g.shape(y), to: x })],
  Concat: concat,
  Split: split,
  Tile: tile,
  Pad: pad,
  Trilu: (g, { dy, inputs, node }) => [() => g.op("Trilu", [dy, ...inputs.slice(1)], { upper: intAttribute(node, "upper", 1) })],
};
