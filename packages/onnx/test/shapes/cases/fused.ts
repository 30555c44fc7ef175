import { type Case, floats, ints } from "./case.ts";

const ids = { type: "int32", shape: ["batch", "sequence"] } as const;

/** Cases of fused attention and embeddings. */
export const FUSED_CASES: Readonly<Record<string, readonly Case[]>> = {
  "com.microsoft.Attention": [{ inputs: [floats("batch", "sequence", 8), floats(8, 24), floats(24)], attributes: { num_heads: 2 } }],
  "com.microsoft.EmbedLayerNormalization": [
    { inputs: [ids, ids, floats(30, 8), floats(5, 8), floats(2, 8), floats(8), floats(8)], outputs: 3 },
  ],
  "com.microsoft.GroupQueryAttention": [
    {
      inputs: [
        floats("batch", "sequence", 32),
        floats("batch", "sequence", 16),
        floats("batch", "sequence", 16),
        undefined,
        undefined,
        { type: "int32", shape: ["batch"], values: [2, 2] },
        { type: "int32", shape: [], values: [3] },
      ],
      attributes: { num_heads: 4, kv_num_heads: 2 },
      outputs: 3,
      open: true,
    },
  ],
  "com.microsoft.MultiHeadAttention": [
    { inputs: [floats("batch", "sequence", 8), floats("batch", "past", 8), floats("batch", "past", 8)], attributes: { num_heads: 2 } },
    {
      inputs: [floats("batch", "sequence", 8), floats("batch", 2, "past", 4), floats("batch", 2, "past", 4)],
      attributes: { num_heads: 2 },
    },
  ],
  "com.microsoft.RotaryEmbedding": [
    { inputs: [floats("batch", "sequence", 8), ints("batch", "sequence"), floats(9, 2), floats(9, 2)], attributes: { num_heads: 2 } },
  ],
};
