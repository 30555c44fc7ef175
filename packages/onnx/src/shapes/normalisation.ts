import { intAttribute, stringAttribute } from "../attributes.ts";
import { DataType, type Dim } from "../types.ts";
import { axisOf, input, type Rule } from "./rule.ts";
import type { ValueType } from "./value-type.ts";

/** Y, and the statistics over the last axes with size 1 there, in `stash_type`. `statistics` says how many follow Y. */
function overLastAxes(statistics: number): Rule {
  return (context) => {
    const { type, shape } = input(context, 0);
    const axis = shape === undefined ? 0 : axisOf(context, { fallback: -1, rank: shape.length });
    const kept: ValueType = {
      type: intAttribute(context.node, "stash_type", DataType.float32),
      shape: shape?.map((dim, index) => (index < axis ? dim : 1)),
    };
    return [{ type, shape }, ...Array.from({ length: statistics }, () => kept)];
  };
}

/** Output, mean, inverse deviation, and the sum that was normalised. */
const skip: Rule = (context) => {
  const { type, shape } = input(context, 0);
  const kept: ValueType = { type: DataType.float32, shape: shape === undefined ? undefined : [...shape.slice(0, -1), 1] };
  return [{ type, shape }, kept, kept, { type, shape }];
};

/** Running statistics follow the output in training mode. */
const batch: Rule = (context) => {
  const { type, shape } = input(context, 0);
  const running = input(context, 3);
  return [{ type, shape }, running, running].map((output) => ({ type: output.type, shape: output.shape }));
};

/** Before this version the mask of `Dropout` has the element type of its input. */
const BOOLEAN_MASK_SINCE = 10;

const dropout: Rule = (context) => {
  const { type, shape } = input(context, 0);
  return [
    { type, shape },
    { type: context.opset >= BOOLEAN_MASK_SINCE ? DataType.bool : type, shape },
  ];
};

/** The loss (a scalar, or one per element with reduction "none") and the logarithms of the probabilities. */
const crossEntropy: Rule = (context) => {
  const scores = input(context, 0);
  const shape: readonly Dim[] | undefined = stringAttribute(context.node, "reduction", "mean") === "none" ? input(context, 1).shape : [];
  return [
    { type: scores.type, shape },
    { type: scores.type, shape: scores.shape },
  ];
};

/** Normalisation, dropout and the losses built on softmax. */
export const NORMALISATION: Readonly<Record<string, Rule>> = {
  LayerNormalization: overLastAxes(2),
  SimplifiedLayerNormalization: overLastAxes(1),
  RMSNormalization: overLastAxes(0),
  "com.microsoft.SkipLayerNormalization": skip,
  "com.microsoft.SkipSimplifiedLayerNormalization": skip,
  BatchNormalization: batch,
  InstanceNormalization: overLastAxes(0),
  GroupNormalization: overLastAxes(0),
  LpNormalization: overLastAxes(0),
  Dropout: dropout,
  SoftmaxCrossEntropyLoss: crossEntropy,
  NegativeLogLikelihoodLoss: crossEntropy,
};
