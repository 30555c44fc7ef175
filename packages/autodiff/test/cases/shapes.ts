import { DataType, type GraphBuilder } from "@graft/onnx";
import type { Case, Cases } from "../finite-differences.ts";
import { normal, positive } from "./values.ts";

const x = (): Case["inputs"] => ({ x: normal([2, 3, 4]) });

/** A reduction whose axes are an attribute before `since` and an input from then on. */
function reduction(opType: string, { since, make = x }: { since: number; make?: () => Case["inputs"] }): Case[] {
  const variants = [
    { axes: [1], keepdims: 1 },
    { axes: [-1], keepdims: 0 },
    { axes: [0, 2], keepdims: 0 },
    { axes: undefined, keepdims: 0 },
    { axes: undefined, keepdims: 1 },
  ];
  return variants.map(({ axes, keepdims }) => ({
    name: `axes ${axes ?? "all"}, keepdims ${keepdims}`,
    inputs: make(),
    build: (b, opset) =>
      opset >= since
        ? b.op(opType, axes === undefined ? ["x"] : ["x", b.int(axes)], { attributes: { keepdims } })
        : b.op(opType, ["x"], { attributes: { keepdims, axes } }),
  }));
}

const one = (build: (b: GraphBuilder, opset: number) => string | readonly string[], name = ""): Case => ({ name, inputs: x(), build });

/** Cases of reductions and of operators that move elements. */
export const SHAPE_CASES: Cases = {
  ReduceSum: [
    ...reduction("ReduceSum", { since: 13 }),
    one((b) => b.op("ReduceSum", ["x", b.op("Identity", [b.int([1])])], { attributes: { keepdims: 0 } }), "axes that are computed"),
    one((b) => b.op("ReduceSum", ["x"], { attributes: { keepdims: 0, noop_with_empty_axes: 1 } }), "nothing summed"),
  ],
  ReduceMean: reduction("ReduceMean", { since: 18 }),
  ReduceL2: reduction("ReduceL2", { since: 18, make: () => ({ x: positive([2, 3, 4]) }) }),
  Identity: [one((b) => b.op("Identity", ["x"]))],
  Cast: [
    one((b) => b.op("Cast", [b.op("Cast", ["x"], { attributes: { to: DataType.float64 } })], { attributes: { to: DataType.float32 } })),
  ],
  CastLike: [
    {
      opsets: [15, 18],
      inputs: x(),
      build: (b) => b.op("CastLike", [b.op("Cast", ["x"], { attributes: { to: DataType.float64 } }), b.float(1)]),
    },
  ],
  Dropout: [one((b) => b.op("Dropout", ["x"])), one((b) => b.op("Dropout", ["x", b.float(0.5)]), "with a ratio")],
  Reshape: [one((b) => b.op("Reshape", ["x", b.int([0, 2, -1])])), one((b) => b.op("Reshape", ["x", b.int([-1])]), "to a vector")],
  Flatten: [
    one((b) => b.op("Flatten", ["x"], { attributes: { axis: 2 } })),
    one((b) => b.op("Flatten", ["x"], { attributes: { axis: -2 } }), "negative axis"),
  ],
  Squeeze: [{ inputs: { x: normal([2, 1, 3, 1]) }, build: (b) => b.op("Squeeze", ["x", b.int([1, -1])]) }],
  Unsqueeze: [one((b) => b.op("Unsqueeze", ["x", b.int([0, -1])]))],
  Transpose: [one((b) => b.op("Transpose", ["x"], { attributes: { perm: [2, 0, 1] } })), one((b) => b.op("Transpose", ["x"]), "reversed")],
  Expand: [
    { inputs: { x: normal([3, 1]) }, build: (b) => b.op("Expand", ["x", b.int([2, 3, 4])]) },
    { name: "to fewer axes", inputs: { x: normal([2, 1, 3]) }, build: (b) => b.op("Expand", ["x", b.int([4, 1])]) },
  ],
  Concat: [
    {
      inputs: { a: normal([2, 1]), b: normal([2, 3]), c: normal([2, 2]) },
      build: (b) => b.op("Concat", ["a", "b", "c"], { attributes: { axis: 1 } }),
    },
    {
      name: "negative axis",
      inputs: { a: normal([2, 1, 2]), b: normal([2, 3, 2]) },
      build: (b) => b.op("Concat", ["a", "b"], { attributes: { axis: -2 } }),
    },
    { name: "of one", inputs: x(), build: (b) => b.op("Concat", ["x"], { attributes: { axis: 0 } }) },
  ],
  Split: [
    one((b) => b.ops("Split", ["x", b.int([1, 2])], { attributes: { axis: 1 }, outputs: 2 })),
    one((b) => b.ops("Split", ["x", b.int([1, 1, 2])], { attributes: { axis: -1 }, outputs: 3 }).slice(1), "one part unused"),
    one(
      (b, opset) => b.ops("Split", ["x"], { attributes: { axis: 2, ...(opset >= 18 ? { num_outputs: 2 } : {}) }, outputs: 2 }),
      "equal parts",
    ),
  ],
  Tile: [{ inputs: { x: normal([2, 3]) }, build: (b) => b.op("Tile", ["x", b.int([2, 3])]) }],
  Pad: [
    { inputs: { x: normal([2, 3]) }, build: (b) => b.op("Pad", ["x", b.int([1, 0, 2, 1])]) },
    { name: "that also cuts", inputs: { x: normal([2, 3]) }, build: (b) => b.op("Pad", ["x", b.int([1, -1, 0, 1]), b.float(0.5)]) },
    { name: "with axes", opsets: [18, 21], inputs: { x: normal([2, 3]) }, build: (b) => b.op("Pad", ["x", b.int([1, 2]), "", b.int([1])]) },
  ],
  Trilu: [
    { opsets: [14, 18], inputs: { x: normal([2, 3, 3]) }, build: (b) => b.op("Trilu", ["x"], { attributes: { upper: 0 } }) },
    { name: "with a diagonal", opsets: [14, 18], inputs: { x: normal([3, 4]) }, build: (b) => b.op("Trilu", ["x", b.int(1)]) },
  ],
};
