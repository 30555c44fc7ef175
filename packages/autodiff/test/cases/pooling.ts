import type { Cases } from "../finite-differences.ts";
import { normal, positive, spread } from "./values.ts";

const window = { kernel_shape: [2, 2], strides: [2, 2] };

/** Cases of pooling, and of the normalisation between convolutions. */
export const POOLING_CASES: Cases = {
  MaxPool: [
    { inputs: { x: spread([1, 2, 4, 4]) }, opsets: [18, 21], build: (b) => b.op("MaxPool", ["x"], { attributes: window }) },
    {
      name: "windows that share elements",
      inputs: { x: spread([2, 1, 5]) },
      opsets: [18, 21],
      build: (b) => b.op("MaxPool", ["x"], { attributes: { kernel_shape: [3], pads: [1, 1] } }),
    },
  ],
  AveragePool: [
    { inputs: { x: normal([1, 2, 4, 5]) }, build: (b) => b.op("AveragePool", ["x"], { attributes: window }) },
    {
      name: "with pads that do not count",
      inputs: { x: normal([1, 2, 4, 4]) },
      build: (b) => b.op("AveragePool", ["x"], { attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] } }),
    },
    {
      name: "with pads that count",
      inputs: { x: normal([1, 1, 4]) },
      build: (b) => b.op("AveragePool", ["x"], { attributes: { kernel_shape: [3], pads: [1, 1], count_include_pad: 1 } }),
    },
  ],
  GlobalAveragePool: [{ inputs: { x: normal([2, 3, 2, 4]) }, build: (b) => b.op("GlobalAveragePool", ["x"]) }],
  BatchNormalization: [
    {
      inputs: { x: normal([2, 3, 2, 2]), scale: normal([3]), bias: normal([3]) },
      build: (b) => b.op("BatchNormalization", ["x", "scale", "bias", b.float([0.1, -0.2, 0.3]), b.float([0.5, 1, 2])]),
    },
  ],
  HardSigmoid: [{ inputs: { x: normal([3, 4], { low: -2, high: 2 }) }, build: (b) => b.op("HardSigmoid", ["x"]) }],
  HardSwish: [{ inputs: { x: positive([3, 4]) }, opsets: [18, 21], build: (b) => b.op("HardSwish", ["x"]) }],
};
