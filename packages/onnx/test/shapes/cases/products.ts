import { type Case, floats, ints } from "./case.ts";

/** Cases of matrix products, convolutions and quantisation. */
export const PRODUCT_CASES: Readonly<Record<string, readonly Case[]>> = {
  MatMul: [
    { inputs: [floats("batch", "sequence", 4), floats(4, 5)] },
    { inputs: [floats("batch", 12, "sequence", 4), floats("batch", 12, 4, "sequence")] },
    { inputs: [floats(4), floats(4, 5)] },
    { inputs: [floats("batch", "sequence", 4), floats(4)] },
    { inputs: [floats("batch", 1, "sequence", 4), floats("past", 4, 2)] },
  ],
  Gemm: [
    { inputs: [floats("batch", 4), floats(4, 5), floats(5)] },
    { inputs: [floats(4, "batch"), floats(5, 4)], attributes: { transA: 1, transB: 1 } },
  ],
  Einsum: [
    { inputs: [floats("batch", 2, "sequence", 4), floats("batch", 2, "past", 4)], attributes: { equation: "bhid, bhjd -> bhij" } },
    { inputs: [floats("batch", "sequence", 4), floats(4, 5)], attributes: { equation: "...i,ij->...j" } },
    { inputs: [floats(3, 4), floats(4, 2)], attributes: { equation: "ij,jk" } },
  ],
  "com.microsoft.FusedMatMul": [
    { inputs: [floats("batch", "sequence", 4), floats(5, 4)], attributes: { transB: 1 } },
    { inputs: [floats("sequence", 4), floats("sequence", 5)], attributes: { transA: 1 } },
    { inputs: [floats("sequence", "batch", 4), floats("batch", 4, 5)], attributes: { transBatchA: 1 } },
  ],
  "com.microsoft.MatMulNBits": [
    {
      inputs: [floats("batch", "sequence", 32), { bytes: 0x88, dims: [6, 1, 16] }, { floats: Array<number>(6).fill(1), dims: [6] }],
      attributes: { K: 32, N: 6, bits: 4, block_size: 32 },
    },
  ],
  Conv: [
    {
      inputs: [floats("batch", 3, "height", 9), floats(4, 3, 3, 3)],
      attributes: { strides: [2, 1], pads: [1, 0, 1, 0], dilations: [1, 2] },
    },
    { inputs: [floats("batch", 3, "height"), floats(4, 3, 3)], attributes: { auto_pad: "SAME_UPPER", strides: [2] } },
  ],
  MaxPool: [{ inputs: [floats("batch", 3, "height", 9)], attributes: { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }, outputs: 2 }],
  AveragePool: [{ inputs: [floats("batch", 3, "height", 9)], attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] } }],
  GlobalAveragePool: [{ inputs: [floats("batch", 3, "height", 9)] }],
  GlobalMaxPool: [{ inputs: [floats("batch", 3, "height", 9)] }],
  QuantizeLinear: [
    { inputs: [floats("batch", 4), { floats: [0.1], dims: [] }, { bytes: 3, dims: [] }] },
    { inputs: [floats("batch", 4), { floats: [0.1], dims: [] }] },
  ],
  DequantizeLinear: [
    {
      inputs: [
        { type: "uint8", shape: ["batch", 4] },
        { floats: [0.1], dims: [] },
      ],
    },
  ],
  DynamicQuantizeLinear: [{ inputs: [floats("batch", 4)], outputs: 3 }],
  MatMulInteger: [
    {
      inputs: [
        { type: "uint8", shape: ["batch", "sequence", 4] },
        { bytes: 2, dims: [4, 5] },
      ],
    },
  ],
  OneHot: [
    { inputs: [ints("batch", "sequence"), 5, { floats: [0, 1], dims: [2] }] },
    { inputs: [ints("batch", "sequence"), [5], { floats: [0, 1], dims: [2] }], attributes: { axis: 1 } },
  ],
};
