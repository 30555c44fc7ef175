import { type Case, floats, ints } from "./case.ts";

const reduction: Case[] = [
  { inputs: [floats("batch", "sequence", 4)], attributes: { axes: [-1] }, opset: 11 },
  { inputs: [floats("batch", "sequence", 4)], attributes: { axes: [0, 2], keepdims: 0 }, opset: 11 },
  { inputs: [floats("batch", "sequence", 4), [1]] },
  { inputs: [floats("batch", "sequence", 4), [-1, 0]], attributes: { keepdims: 0 } },
  { inputs: [floats("batch", "sequence", 4)] },
  { inputs: [floats("batch", "sequence", 4)], attributes: { keepdims: 0 } },
  { inputs: [floats("batch", "sequence"), undefined], attributes: { noop_with_empty_axes: 1 } },
];
const whole: Case = { inputs: [[3, 2, 4]], attributes: { keepdims: 0 } };
const argument: Case[] = [
  { inputs: [floats("batch", "sequence", 4)], attributes: { axis: -1, keepdims: 0 } },
  { inputs: [floats("batch", 4)] },
];
const loss: Case[] = [
  { inputs: [floats("batch", 4), ints("batch")] },
  { inputs: [floats("batch", 4, "sequence"), ints("batch", "sequence")], attributes: { reduction: "none" } },
];

/** Cases of reductions, normalisation and losses. */
export const STATISTICS_CASES: Readonly<Record<string, readonly Case[]>> = {
  ...Object.fromEntries(
    ["ReduceMean", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp"].map((name) => [name, reduction]),
  ),
  ...Object.fromEntries(["ReduceProd", "ReduceMax", "ReduceMin"].map((name) => [name, [...reduction, whole]])),
  // Its axes became an input in 13 already, five versions before the others.
  ReduceSum: [...reduction, whole, { inputs: [floats("batch", "sequence", 4), [1]], opset: 13 }],
  ArgMax: argument,
  ArgMin: argument,
  LayerNormalization: [
    { inputs: [floats("batch", "sequence", 4), floats(4), floats(4)], outputs: 3 },
    { inputs: [floats("batch", "sequence", 4), floats("sequence", 4)], attributes: { axis: 1 } },
  ],
  SimplifiedLayerNormalization: [{ inputs: [floats("batch", "sequence", 4), floats(4)], outputs: 2 }],
  RMSNormalization: [{ inputs: [floats("batch", "sequence", 4), floats(4)], opset: 23 }],
  "com.microsoft.SkipLayerNormalization": [
    { inputs: [floats("batch", "sequence", 4), floats("batch", "sequence", 4), floats(4), floats(4), floats(4)] },
  ],
  "com.microsoft.SkipSimplifiedLayerNormalization": [
    { inputs: [floats("batch", "sequence", 4), floats("batch", "sequence", 4), floats(4)] },
  ],
  BatchNormalization: [
    { inputs: [floats("batch", 3, "height"), floats(3), floats(3), floats(3), floats(3)] },
    { inputs: [floats("batch", 3, "height"), floats(3), floats(3), floats(3), floats(3)], attributes: { training_mode: 1 }, outputs: 3 },
  ],
  InstanceNormalization: [{ inputs: [floats("batch", 3, "height"), floats(3), floats(3)] }],
  GroupNormalization: [{ inputs: [floats("batch", 4, "height"), floats(4), floats(4)], attributes: { num_groups: 2 }, opset: 21 }],
  LpNormalization: [{ inputs: [floats("batch", "sequence")] }],
  Dropout: [
    { inputs: [floats("batch", "sequence")], outputs: 2 },
    { inputs: [floats("batch", "sequence")], outputs: 2, opset: 11 },
  ],
  SoftmaxCrossEntropyLoss: [...loss, { inputs: [floats("batch", 4), ints("batch")], outputs: 2 }],
  NegativeLogLikelihoodLoss: loss,
};
