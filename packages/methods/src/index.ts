export { appendHead, type HeadOptions as AppendHeadOptions } from "./append-head.ts";
export { attachRows, predictsTokens, type AttachedRows } from "./attach/attach-rows.ts";
export { type DenseValues, headForm, type RowHead, stackDense } from "./attach/row-head.ts";
export { type RowLayer, type SlotEntry, stackSlot, turnSlot } from "./attach/row-slots.ts";
export type { RowTarget } from "./attach/row-target.ts";
export {
  attachAdapters,
  neutralSlot,
  slotShape,
  type Attached,
  type AttachedHead,
  type AttachedTarget,
  type Attachment,
} from "./attach-adapters.ts";
export { keptAtRandom } from "./combine/combinations.ts";
export {
  COMBINE_HOW,
  combineAdapters,
  type CombinedAdapter,
  type CombineHow,
  type CombineOptions,
  type CombineSource,
} from "./combine/combine-adapters.ts";
export { closest } from "./closest.ts";
export { DROPOUT_DRAWS, dropoutDraws } from "./dropout.ts";
export { CONVENTIONS, conventionsOf, type FamilyConventions } from "./families.ts";
export { graphOutput, LOGITS } from "./graph-output.ts";
export { planHead, type HeadPlan } from "./head-plan.ts";
export { hiddenState } from "./hidden-state.ts";
export { initialise } from "./initialise.ts";
export { appendLanguageHead, MASKED_POSITIONS } from "./language-head.ts";
export { languageLogits, PREDICTING_POSITIONS } from "./language-logits.ts";
export { matchTargets, sameModule, type ManifestTarget, type TargetMatch, type TargetMatches } from "./match-targets.ts";
export { mergeAdapter, type Merged, type MergeSource } from "./merge-adapter.ts";
export { correlationOf, type RoundedTarget } from "./rounded-target.ts";
export { targetValues, targetWeight } from "./target-values.ts";
export { transposed } from "./transposed.ts";
export { type BaseShapes, baseShapes, type MatrixShape, type WeightShape } from "./base-shapes.ts";
export type {
  AttachSlot,
  InjectContext,
  InjectedPlan,
  MergeTarget,
  Method,
  Observe,
  MethodPlan,
  TargetAttachment,
  TargetValues,
  TargetWeights,
} from "./method.ts";
export { methodNamed, METHODS, positionsOf } from "./methods.ts";
export type { BitfitOptions } from "./options/bitfit.ts";
export type { BottleneckOptions } from "./options/bottleneck.ts";
export type { DoraOptions } from "./options/dora.ts";
export type { MethodName, MethodOptions } from "./options.ts";
export type { FullOptions } from "./options/full.ts";
export type { HeadOptions } from "./options/head.ts";
export type { Ia3Options } from "./options/ia3.ts";
export type { LastLayersOptions } from "./options/last-layers.ts";
export type { LoraOptions, LowRankOptions, TargetOptions } from "./options/lora.ts";
export type { InsertedPositions } from "./options/prefix.ts";
export { namedWeights, type NamedWeight } from "./named-weights.ts";
export { PACKED_PARTS, type PackedPart } from "./packed.ts";
export { finishPlan, injectPlan, planAdapter, planManifest, preparePlan } from "./plan-adapter.ts";
export { outputsOf, type PlanTask, type Pooling, type SentenceEmbeddings, type TextClassification } from "./plan-task.ts";
export type { Init, Plan, PlanBase, PlannedTarget, Site, Trainable } from "./plan.ts";
export { type Candidate, resolveTargets, type TargetSelection } from "./resolve-targets.ts";
export { orthonormalise, singularValues, type DenseMatrix, type SingularValues } from "./singular-values.ts";
export { adapterSpectrum, type SpectrumSource, type TargetSpectrum } from "./spectrum/adapter-spectrum.ts";
export { amplification, type Amplification } from "./spectrum/amplification.ts";
export { productSpectrum, rankUse, type RankUse, type ThinProduct } from "./spectrum/product-spectrum.ts";
export { spectrumPicture } from "./spectrum/spectrum-picture.ts";
export { inputDirections, subspaceSimilarity, type Directions } from "./spectrum/subspace-similarity.ts";
export { estimateMemory, LARGE_PLAN, type MemoryEstimate, type StepSize } from "./shapes/training-memory.ts";
export { KNOWN_SIZES, transformerShapes, type TransformerSize } from "./shapes/transformer-shapes.ts";
