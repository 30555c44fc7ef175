export { appendGradients, type GradientOptions } from "./backward.ts";
export { GRADIENTS } from "./gradients.ts";
export type { GradientOps } from "./gradient-ops.ts";
export type { Backward, Rule, Rules, Step } from "./rule.ts";
export {
  binaryCrossEntropy,
  crossEntropy,
  LOSSES,
  meanSquaredError,
  pairCosines,
  rankingLogits,
  type BinaryCrossEntropyInputs,
  type CrossEntropyInputs,
  type EmbeddingInputs,
  type SquaredErrorInputs,
} from "./losses.ts";
