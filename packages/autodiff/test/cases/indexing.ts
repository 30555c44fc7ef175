import type { GraphBuilder } from "@graft/onnx";
import type { Case, Cases } from "../finite-differences.ts";
import { ints, normal, positive } from "./values.ts";

const gather = (name: string, { axis, indices }: { axis: number; indices: ReturnType<typeof ints> }): Case => ({
  name,
  inputs: { x: normal([3, 4, 2]), indices },
  build: (b) => b.op("Gather", ["x", "indices"], { attributes: { axis } }),
});

const constantGather = (name: string, index: (b: GraphBuilder) => string): Case => ({
  name,
  inputs: { x: normal([3, 4, 2]) },
  build: (b) => b.op("Gather", ["x", index(b)], { attributes: { axis: 1 } }),
});

const slice = (name: string, [starts, ends, axes, steps]: readonly number[][]): Case => ({
  name,
  inputs: { x: normal([4, 5]) },
  build: (b) => b.op("Slice", ["x", ...[starts, ends, axes, steps].flatMap((list) => (list === undefined ? [] : [b.int(list)]))]),
});

const loss = (
  name: string,
  options: { labels: ReturnType<typeof ints>; logits: readonly number[]; weights?: boolean; attributes?: Record<string, number | string> },
): Case => ({
  name,
  inputs: { logits: normal(options.logits), labels: options.labels },
  build: (b) =>
    b.op(
      "SoftmaxCrossEntropyLoss",
      ["logits", "labels", ...(options.weights ? [b.float([0.5, 2, 1])] : [])],
      options.attributes ? { attributes: options.attributes } : {},
    ),
});

/** Cases of operators that pick elements, and of losses. */
export const INDEXING_CASES: Cases = {
  Gather: [
    gather("rows, some twice", { axis: 0, indices: ints([2, 0, 2, -1, 2, 0], [2, 3]) }),
    gather("a vector of rows", { axis: 0, indices: ints([1, 1]) }),
    {
      name: "rows of a large table",
      opsets: [18],
      inputs: { x: normal([300, 2]), indices: ints([299, 7, 7, -300]) },
      build: (b) => b.op("Gather", ["x", "indices"]),
    },
    gather("axis 1", { axis: 1, indices: ints([3, 0, 0, -4], [2, 2]) }),
    gather("last axis", { axis: -1, indices: ints([1, 1, 0]) }),
    gather("one element that only the run knows", { axis: 1, indices: ints([2], []) }),
    constantGather("the first position", (b) => b.int(0)),
    constantGather("the last position", (b) => b.int(-1)),
    constantGather("a position as a vector", (b) => b.int([2])),
  ],
  GatherElements: [
    {
      opsets: [13, 16, 18, 21],
      inputs: { x: normal([3, 3]), indices: ints([0, 0, 2, -1, 1, 1], [2, 3]) },
      build: (b) => b.op("GatherElements", ["x", "indices"], { attributes: { axis: 0 } }),
    },
  ],
  Slice: [
    slice("the first row", [[0], [1], [0]]),
    slice("from the end", [[-2], [9], [1]]),
    slice("a start before the beginning", [[-9], [2], [-1], [1]]),
    slice("past the end", [[9], [12], [0]]),
    slice("two axes", [
      [1, 2],
      [3, 4],
    ]),
    slice("every second", [[0], [5], [1], [2]]),
    slice("backwards", [[-1], [-99], [0], [-1]]),
  ],
  SoftmaxCrossEntropyLoss: [
    loss("mean", { logits: [4, 3], labels: ints([0, 2, 1, 1]) }),
    loss("ignored rows", { logits: [4, 3], labels: ints([0, -100, 1, -100]), attributes: { ignore_index: -100 } }),
    loss("sum", { logits: [3, 3], labels: ints([0, 2, 1]), attributes: { reduction: "sum" } }),
    loss("no reduction", { logits: [3, 3], labels: ints([0, 2, -1]), attributes: { reduction: "none", ignore_index: -1 } }),
    loss("more axes", { logits: [2, 3, 2], labels: ints([0, 2, 1, -1], [2, 2]), attributes: { ignore_index: -1 } }),
    loss("class weights", { logits: [4, 3], labels: ints([0, 2, 1, -1]), weights: true, attributes: { ignore_index: -1 } }),
    {
      name: "whose log probabilities are used too",
      inputs: { logits: positive([3, 3]), labels: ints([0, 2, 1]) },
      build: (b) => b.ops("SoftmaxCrossEntropyLoss", ["logits", "labels"], { outputs: 2 }),
    },
  ],
};
