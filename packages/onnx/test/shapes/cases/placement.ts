import { DataType, Float, floatTensor, intTensor } from "@graft/onnx";
import { bools, type Case, floats, ints } from "./case.ts";

const END = 2 ** 53 - 1;
const x = floats("batch", "sequence", 4);

/** Cases of the operators that move, pick, place and make elements. */
export const PLACEMENT_CASES: Readonly<Record<string, readonly Case[]>> = {
  Reshape: [
    { inputs: [x, [0, -1, 2, 2]] },
    { inputs: [x, [-1, 4]] },
    { inputs: [floats("batch", 12, "sequence", 4), [0, 6, -1]] },
    {
      inputs: [
        [4, 5, 6],
        [3, 1],
      ],
    },
    { inputs: [x, { type: "int64", shape: [2], values: [-1, 8] }], open: true },
    { inputs: [floats(0, 3), [0, 5]], attributes: { allowzero: 1 } },
  ],
  Flatten: [{ inputs: [x] }, { inputs: [x], attributes: { axis: -1 } }, { inputs: [x], attributes: { axis: 0 } }],
  Transpose: [{ inputs: [x], attributes: { perm: [0, 2, 1] } }, { inputs: [x] }],
  Squeeze: [
    { inputs: [floats("batch", 1, 4, 1), [1, -1]] },
    { inputs: [floats("batch", 1, 4, 1)], attributes: { axes: [1] }, opset: 11 },
    { inputs: [floats(1, 4, 1)] },
  ],
  Unsqueeze: [{ inputs: [x, [0, -1]] }, { inputs: [x], attributes: { axes: [1, 3] }, opset: 11 }, { inputs: [7, [0]] }],
  Concat: [
    { inputs: [x, floats("batch", "past", 4), floats("batch", 1, 4)], attributes: { axis: 1 } },
    { inputs: [[1, 2], [3]], attributes: { axis: 0 } },
  ],
  Split: [
    { inputs: [x], attributes: { axis: -1 }, outputs: 2, opset: 17 },
    { inputs: [x, [1, 3]], attributes: { axis: 2 }, outputs: 2 },
    { inputs: [floats("batch", 7)], attributes: { axis: 1, num_outputs: 3 }, outputs: 3 },
    { inputs: [x], attributes: { axis: 2, split: [1, 3] }, outputs: 2, opset: 11 },
    {
      inputs: [
        [1, 2, 3],
        [1, 2],
      ],
      outputs: 2,
    },
  ],
  Expand: [{ inputs: [floats("batch", 1, 4), [1, 3, 1]] }, { inputs: [floats(1), { shapeOf: 0 }] }, { inputs: [[7], [3]] }],
  Tile: [{ inputs: [floats("batch", 4), [2, 3]] }, { inputs: [floats("batch", 4), ints(2)], open: true }],
  Pad: [
    { inputs: [x, [0, 1, 0, 0, 2, 0]] },
    { inputs: [x, [1, 2], undefined, [-2]] },
    { inputs: [x], attributes: { pads: [0, 1, 0, 0, 0, 1], mode: "constant" }, opset: 10 },
  ],
  Identity: [{ inputs: [x] }, { inputs: [[1, 2]] }],
  Gather: [
    { inputs: [floats(30, 4), ints("batch", "sequence")] },
    { inputs: [x, 0], attributes: { axis: 1 } },
    {
      inputs: [
        [4, 5, 6],
        [-1, 0],
      ],
    },
    { inputs: [[4, 5, 6], 1] },
  ],
  GatherElements: [{ inputs: [x, ints("batch", 2, 4)], attributes: { axis: 1 } }],
  GatherND: [{ inputs: [x, ints("past", 2)] }, { inputs: [x, ints("batch", "past", 1)], attributes: { batch_dims: 1 } }],
  ScatterND: [{ inputs: [x, ints("past", 2), floats("past", 4)] }],
  ScatterElements: [{ inputs: [x, ints("batch", 1, 4), floats("batch", 1, 4)], attributes: { axis: 1, reduction: "add" } }],
  Scatter: [{ inputs: [floats("batch", 4), ints("batch", 1), floats("batch", 1)], attributes: { axis: 1 }, opset: 10 }],
  Slice: [
    { inputs: [x, [0, 1], [1, END], [1, 2]] },
    { inputs: [x, [-1], [END], [1]] },
    { inputs: [x, [0], [-1], [1]] },
    { inputs: [x, [0], [2], [1]] },
    { inputs: [x, [0], [200], [1]] },
    { inputs: [x, [-1], [-END], [1], [-1]] },
    { inputs: [x, [-1], [-END], [2], [-2]] },
    { inputs: [x, [0], [END], [1], [2]] },
    { inputs: [x], attributes: { starts: [1, -3], ends: [END, -1], axes: [1, 2] }, opset: 9 },
    { inputs: [[1, 2, 3, 4, 5], [-2], [-END], [0], [-2]] },
    { inputs: [x, ints(1), [3], [1]], open: true },
  ],
  NonZero: [{ inputs: [x], open: true }],
  TopK: [
    { inputs: [x, [2]], outputs: 2 },
    { inputs: [x, [2]], attributes: { axis: 1 }, outputs: 2 },
  ],
  Compress: [
    { inputs: [x, bools("sequence")], attributes: { axis: 1 }, open: true },
    { inputs: [x, bools(6)], open: true },
  ],
  Constant: [
    { inputs: [], attributes: { value: intTensor("value", [2], [4, 5]) } },
    { inputs: [], attributes: { value: floatTensor("value", [], [0.5]) } },
    { inputs: [], attributes: { value_int: 3 } },
    { inputs: [], attributes: { value_ints: [3, 4] } },
    { inputs: [], attributes: { value_float: new Float(0.25) } },
    { inputs: [], attributes: { value_floats: [new Float(0.25), new Float(2)] } },
  ],
  Shape: [{ inputs: [x] }, { inputs: [x], attributes: { start: -2 } }, { inputs: [x], attributes: { start: 0, end: 1 } }],
  Size: [{ inputs: [x] }],
  Range: [
    { inputs: [0, 7, 2] },
    { inputs: [5, 0, -2] },
    {
      inputs: [
        { floats: [0], dims: [] },
        { floats: [1], dims: [] },
        { floats: [0.25], dims: [] },
      ],
    },
    { inputs: [0, ints(), 1], open: true },
  ],
  ConstantOfShape: [
    { inputs: [[2, 3]] },
    { inputs: [[2]], attributes: { value: intTensor("value", [1], [-1]) } },
    { inputs: [ints(2)], open: true },
  ],
  EyeLike: [{ inputs: [floats("batch", 4)] }, { inputs: [floats(4, 4)], attributes: { dtype: DataType.int64 } }],
  RandomNormal: [{ inputs: [], attributes: { shape: [2, 3] } }],
  RandomUniform: [{ inputs: [], attributes: { shape: [2, 3], dtype: DataType.float32 } }],
  RandomNormalLike: [{ inputs: [x] }],
  RandomUniformLike: [{ inputs: [x] }],
  Bernoulli: [{ inputs: [x] }],
};
