import { Float } from "@graft/onnx";
import type { Case, Cases } from "../finite-differences.ts";
import { normal } from "./values.ts";

const matmul = (a: readonly number[], b: readonly number[]): Case => ({
  name: `[${a}] by [${b}]`,
  inputs: { a: normal(a), b: normal(b) },
  build: (builder) => builder.op("MatMul", ["a", "b"]),
});

const fused = (a: readonly number[], b: readonly number[], flags: { transA?: number; transB?: number }): Case => ({
  name: `[${a}]${flags.transA ? "ᵀ" : ""} by [${b}]${flags.transB ? "ᵀ" : ""}`,
  inputs: { a: normal(a), b: normal(b) },
  build: (builder) => builder.op("FusedMatMul", ["a", "b"], { domain: "com.microsoft", attributes: { ...flags, alpha: new Float(0.7) } }),
});

const gemm = (transA: number, transB: number, bias: readonly number[] | undefined): Case => ({
  name: `transA ${transA}, transB ${transB}, bias ${bias === undefined ? "absent" : `[${bias}]`}`,
  inputs: { a: normal(transA ? [3, 2] : [2, 3]), b: normal(transB ? [4, 3] : [3, 4]), ...(bias === undefined ? {} : { c: normal(bias) }) },
  build: (builder) =>
    builder.op("Gemm", ["a", "b", ...(bias === undefined ? [] : ["c"])], {
      attributes: { transA, transB, alpha: new Float(0.5), beta: new Float(1.5) },
    }),
});

const einsum = (equation: string, ...shapes: readonly (readonly number[])[]): Case => ({
  name: equation,
  inputs: Object.fromEntries(shapes.map((dims, index) => [`x${index}`, normal(dims)])),
  build: (builder) =>
    builder.op(
      "Einsum",
      shapes.map((_, index) => `x${index}`),
      { attributes: { equation } },
    ),
});

/** Cases of products. */
export const LINEAR_ALGEBRA_CASES: Cases = {
  MatMul: [
    matmul([2, 3], [3, 4]),
    matmul([2, 2, 3], [3, 4]),
    matmul([2, 3], [2, 3, 4]),
    matmul([2, 2, 3], [2, 3, 2]),
    matmul([2, 1, 2, 3], [3, 3, 2]),
    matmul([1, 2, 3], [2, 3, 2]),
    matmul([3], [3, 2]),
    matmul([2, 3], [3]),
    matmul([3], [3]),
    matmul([2, 2, 3], [3]),
    matmul([3], [2, 3, 2]),
    {
      name: "with a transposed matrix",
      inputs: { x: normal([2, 2, 3]), weight: normal([4, 3]) },
      build: (b) => b.op("MatMul", ["x", b.op("Transpose", ["weight"], { attributes: { perm: [1, 0] } })]),
    },
    {
      name: "of attention, keys transposed in one step",
      inputs: { q: normal([2, 2, 3, 2]), k: normal([2, 3, 2, 2]) },
      build: (b) => b.op("MatMul", ["q", b.op("Transpose", ["k"], { attributes: { perm: [0, 2, 3, 1] } })]),
    },
  ],
  "com.microsoft.FusedMatMul": [
    fused([2, 3], [3, 4], {}),
    fused([3, 2], [3, 4], { transA: 1 }),
    fused([2, 3], [4, 3], { transB: 1 }),
    fused([3, 2], [4, 3], { transA: 1, transB: 1 }),
    fused([2, 2, 3], [4, 3], { transB: 1 }),
    fused([2, 3, 2], [2, 4, 3], { transA: 1, transB: 1 }),
    fused([2, 3, 2], [2, 3, 2], { transA: 1 }),
    fused([2, 3, 2], [3, 2], { transA: 1 }),
  ],
  Gemm: [gemm(0, 0, [4]), gemm(0, 1, [2, 4]), gemm(1, 0, [2, 1]), gemm(1, 1, []), gemm(0, 1, undefined)],
  Einsum: [
    einsum("ij,jk->ik", [2, 3], [3, 2]),
    einsum("bhid,bhjd->bhij", [2, 2, 3, 2], [2, 2, 2, 2]),
    einsum("...ij,...jk->...ik", [2, 2, 3], [2, 3, 2]),
    einsum("i,j->ij", [2], [3]),
    einsum("ij,jk", [2, 3], [3, 2]),
    einsum("ijx,jk->ik", [2, 3, 2], [3, 2]),
    einsum("ij->ji", [2, 3]),
  ],
};
