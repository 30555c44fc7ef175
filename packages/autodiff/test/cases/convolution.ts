import type { Case, Cases } from "../finite-differences.ts";
import { normal } from "./values.ts";

interface Form {
  readonly x: readonly number[];
  readonly weight: readonly number[];
  readonly bias?: boolean;
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>;
}

const conv = (name: string, { x, weight, bias = false, attributes = {} }: Form): Case => ({
  name,
  inputs: { x: normal(x), weight: normal(weight), ...(bias ? { bias: normal([weight[0] ?? 0]) } : {}) },
  build: (builder) =>
    builder.op("Conv", ["x", "weight", ...(bias ? ["bias"] : [])], {
      attributes: { kernel_shape: weight.slice(2), ...attributes },
    }),
});

/** Cases of convolutions. */
export const CONVOLUTION_CASES: Cases = {
  Conv: [
    conv("over positions, with a bias and pads", { x: [2, 3, 5], weight: [4, 3, 3], bias: true, attributes: { pads: [1, 1] } }),
    conv("of patches", { x: [2, 2, 4, 6], weight: [3, 2, 2, 3], bias: true, attributes: { strides: [2, 3] } }),
    conv("with a stride that leaves positions out", {
      x: [1, 2, 6, 7],
      weight: [2, 2, 3, 2],
      attributes: { strides: [2, 3], pads: [0, 1, 0, 1] },
    }),
    conv("with a stride and pads at the end", { x: [2, 1, 6], weight: [2, 1, 3], attributes: { strides: [2], pads: [1, 2] } }),
    conv("with dilation", { x: [2, 2, 7], weight: [3, 2, 2], attributes: { dilations: [3], strides: [2] } }),
    conv("in groups", { x: [2, 4, 5], weight: [6, 2, 3], bias: true, attributes: { group: 2, pads: [1, 1] } }),
    conv("of each channel alone", { x: [2, 3, 4, 4], weight: [3, 1, 3, 3], attributes: { group: 3, pads: [1, 1, 1, 1], strides: [2, 2] } }),
    conv("of one pixel, without pads", { x: [2, 3, 2, 2], weight: [4, 3, 1, 1], attributes: { auto_pad: "VALID" } }),
  ],
};
