import type { NodeProto } from "../proto/onnx_pb.ts";
import { CONSTANTS } from "./constants.ts";
import { CONTROL } from "./control.ts";
import { CONVOLUTION } from "./convolution.ts";
import { ELEMENTWISE } from "./elementwise.ts";
import { FUSED } from "./fused.ts";
import { INDEXING } from "./indexing.ts";
import { LINEAR_ALGEBRA } from "./linear-algebra.ts";
import { MOVEMENT } from "./movement.ts";
import { NORMALISATION } from "./normalisation.ts";
import { QUANTISATION } from "./quantisation.ts";
import { REDUCTIONS } from "./reductions.ts";
import type { Rule } from "./rule.ts";

/** Every operator whose outputs can be foretold, by name; those of other domains as "com.microsoft.Gelu". */
export const SHAPE_RULES: Readonly<Record<string, Rule>> = {
  ...ELEMENTWISE,
  ...LINEAR_ALGEBRA,
  ...REDUCTIONS,
  ...MOVEMENT,
  ...NORMALISATION,
  ...INDEXING,
  ...CONSTANTS,
  ...CONVOLUTION,
  ...QUANTISATION,
  ...CONTROL,
  ...FUSED,
};

/** The rule for a node, if there is one. */
export function shapeRule(node: NodeProto): Rule | undefined {
  const name = operatorName(node);
  return Object.hasOwn(SHAPE_RULES, name) ? SHAPE_RULES[name] : undefined;
}

/** The name of a node's operator in a table: "MatMul", "com.microsoft.FusedMatMul". */
export function operatorName(node: NodeProto): string {
  return node.domain === "" || node.domain === "ai.onnx" ? node.opType : `${node.domain}.${node.opType}`;
}
