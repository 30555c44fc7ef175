import type { Rules } from "./rule.ts";
import { ACTIVATIONS } from "./rules/activations.ts";
import { ARITHMETIC } from "./rules/arithmetic.ts";
import { CONVOLUTION } from "./rules/convolution.ts";
import { INDEXING } from "./rules/indexing.ts";
import { LINEAR_ALGEBRA } from "./rules/linear-algebra.ts";
import { LOSS_OPERATORS } from "./rules/loss-operators.ts";
import { MOVEMENT } from "./rules/movement.ts";
import { NORMALISATION } from "./rules/normalisation.ts";
import { NOT_DIFFERENTIABLE } from "./rules/not-differentiable.ts";
import { POOLING } from "./rules/pooling.ts";
import { REDUCTIONS } from "./rules/reductions.ts";
import { SELECTION } from "./rules/selection.ts";

/** How each operator is differentiated, by name; operators of other domains than ONNX's own have the domain before it. */
export const GRADIENTS: Rules = {
  ...ARITHMETIC,
  ...ACTIVATIONS,
  ...SELECTION,
  ...LINEAR_ALGEBRA,
  ...CONVOLUTION,
  ...POOLING,
  ...NORMALISATION,
  ...REDUCTIONS,
  ...MOVEMENT,
  ...INDEXING,
  ...LOSS_OPERATORS,
  ...NOT_DIFFERENTIABLE,
};
