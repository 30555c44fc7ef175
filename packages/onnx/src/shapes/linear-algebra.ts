import { intAttribute, stringAttribute } from "../attributes.ts";
import type { Dim } from "../types.ts";
import { broadcastDim, broadcastShapes } from "./broadcast.ts";
import { input, type Rule, type RuleContext } from "./rule.ts";

/** Matrices in the last two dimensions, the others broadcast. Vectors are rows on the left and columns on the right. */
function product(a: readonly Dim[] | undefined, b: readonly Dim[] | undefined): Dim[] | undefined {
  if (a === undefined || b === undefined || a.length === 0 || b.length === 0) return undefined;
  const batch = broadcastShapes(a.slice(0, -2), b.slice(0, -2)) ?? [];
  return [...batch, ...a.slice(0, -1).slice(-1), ...(b.length === 1 ? [] : b.slice(-1))];
}

/** Puts the last two dimensions, or the first behind the second last, where `FusedMatMul` says. */
function oriented(context: RuleContext, index: number): readonly Dim[] | undefined {
  const letter = index === 0 ? "A" : "B";
  let shape = input(context, index).shape;
  if (shape === undefined || shape.length < 2) return shape;
  if (intAttribute(context.node, `transBatch${letter}`, 0) === 1) shape = [...shape.slice(1, -1), shape[0] as Dim, ...shape.slice(-1)];
  if (intAttribute(context.node, `trans${letter}`, 0) === 0) return shape;
  return [...shape.slice(0, -2), shape.at(-1) as Dim, shape.at(-2) as Dim];
}

const matMul: Rule = (context) => [
  { type: input(context, 0).type || input(context, 1).type, shape: product(input(context, 0).shape, input(context, 1).shape) },
];
const fusedMatMul: Rule = (context) => [{ type: input(context, 0).type, shape: product(oriented(context, 0), oriented(context, 1)) }];

const gemm: Rule = (context) => {
  const [a, b] = [input(context, 0), input(context, 1)];
  const rows = a.shape?.[intAttribute(context.node, "transA", 0) === 0 ? 0 : 1];
  const columns = b.shape?.[intAttribute(context.node, "transB", 0) === 0 ? 1 : 0];
  return [{ type: a.type || b.type, shape: [rows ?? context.fresh(), columns ?? context.fresh()] }];
};

/** The output of an equation such as "bhid,bhjd->bhij", an ellipsis included. */
const einsum: Rule = (context) => {
  const equation = (stringAttribute(context.node, "equation", "") as string).replaceAll(/\s/g, "");
  const [left = "", explicit] = equation.split("->");
  const terms = left.split(",");
  const sizes = new Map<string, Dim>();
  let ellipsis: readonly Dim[] = [];
  for (const [index, term] of terms.entries()) {
    const shape = input(context, index).shape;
    if (shape === undefined) return [{ type: input(context, 0).type, shape: undefined }];
    const dots = term.indexOf("...");
    const letters = term.replace("...", "");
    const before = dots < 0 ? letters.length : dots;
    const covered = shape.length - letters.length;
    ellipsis = broadcastShapes(ellipsis, dots < 0 ? [] : shape.slice(before, before + covered)) ?? [];
    for (const [position, letter] of [...letters].entries()) {
      const dim = shape[position < before ? position : position + covered] as Dim;
      sizes.set(letter, broadcastDim(sizes.get(letter) ?? 1, dim));
    }
  }
  const once = [...sizes.keys()].filter((letter) => left.split(letter).length === 2).sort();
  const right = explicit ?? `${left.includes("...") ? "..." : ""}${once.join("")}`;
  const [head = "", tail] = right.split("...");
  const dims = (letters: string): Dim[] => [...letters].map((letter) => sizes.get(letter) ?? context.fresh());
  return [{ type: input(context, 0).type, shape: [...dims(head), ...(tail === undefined ? [] : [...ellipsis, ...dims(tail)])] }];
};

/** A matrix of N rows packed in 4-bit blocks. */
const matMulNBits: Rule = (context) => {
  const a = input(context, 0);
  return [{ type: a.type, shape: a.shape === undefined ? undefined : [...a.shape.slice(0, -1), intAttribute(context.node, "N", 0)] }];
};

/** Products of matrices. */
export const LINEAR_ALGEBRA: Readonly<Record<string, Rule>> = {
  MatMul: matMul,
  Gemm: gemm,
  Einsum: einsum,
  "com.microsoft.FusedMatMul": fusedMatMul,
  "com.microsoft.MatMulNBits": matMulNBits,
};
