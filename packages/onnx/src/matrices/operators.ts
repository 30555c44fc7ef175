import { intAttribute } from "../attributes.ts";
import type { NodeProto } from "../proto/onnx_pb.ts";

/** How an operator reads one of its inputs as a weight matrix. */
export interface WeightInput {
  /** Which input the weight is. */
  readonly weight: number;
  /** Which input it is applied to; undefined where that is not one tensor. */
  readonly input?: number;
  /** Which input is the bias, for operators that add it themselves. */
  readonly bias?: number;
  /** Whether the operator sees the weight as [in, out] or [out, in]. */
  readonly orientation: "in_out" | "out_in";
  /** How many dimensions the weight can have; 2 unless said. */
  readonly rank?: { readonly least: number; readonly most: number };
}

const CONVOLUTION = { least: 3, most: 5 };

const flag = (node: NodeProto, name: string): boolean => intAttribute(node, name, 0) !== 0;

/** Operators with weight matrices; those of ONNX Runtime's own domain are written with it. An embedding table is [in, out]: one row per id. */
const WEIGHT_INPUTS: Readonly<Record<string, (node: NodeProto) => readonly WeightInput[]>> = {
  MatMul: () => [{ weight: 1, input: 0, orientation: "in_out" }],
  Gemm: (node) => [
    { weight: 1, ...(flag(node, "transA") ? {} : { input: 0 }), bias: 2, orientation: flag(node, "transB") ? "out_in" : "in_out" },
  ],
  Gather: (node) => (intAttribute(node, "axis", 0) === 0 ? [{ weight: 0, input: 1, orientation: "in_out" }] : []),
  Conv: () => [{ weight: 1, input: 0, bias: 2, orientation: "out_in", rank: CONVOLUTION }],
  ConvTranspose: () => [{ weight: 1, input: 0, bias: 2, orientation: "in_out", rank: CONVOLUTION }],
  "com.microsoft.FusedMatMul": (node) => [
    { weight: 1, ...(flag(node, "transA") ? {} : { input: 0 }), orientation: flag(node, "transB") ? "out_in" : "in_out" },
  ],
  "com.microsoft.FusedGemm": (node) => [
    { weight: 1, ...(flag(node, "transA") ? {} : { input: 0 }), bias: 2, orientation: flag(node, "transB") ? "out_in" : "in_out" },
  ],
  "com.microsoft.GemmFastGelu": () => [{ weight: 1, input: 0, bias: 2, orientation: "in_out" }],
  // The packed weight is [N, K].
  "com.microsoft.MatMulNBits": () => [{ weight: 1, input: 0, bias: 5, orientation: "out_in" }],
  "com.microsoft.MatMulBnb4": () => [{ weight: 1, input: 0, orientation: "out_in" }],
  // Query, key and value side by side.
  "com.microsoft.Attention": () => [{ weight: 1, input: 0, bias: 2, orientation: "in_out" }],
  "com.microsoft.EmbedLayerNormalization": () => [2, 3, 4].map((weight) => ({ weight, orientation: "in_out" as const })),
};

/** The weight inputs of a node; none for operators without weights. */
export function weightInputs(node: NodeProto): readonly WeightInput[] {
  const domain = node.domain === "" || node.domain === "ai.onnx" ? "" : `${node.domain}.`;
  return WEIGHT_INPUTS[`${domain}${node.opType}`]?.(node) ?? [];
}
