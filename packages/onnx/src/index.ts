export { AttributeType, DataType, dataTypeName, type DataTypeName, type Dim } from "./types.ts";
export { cloneModel, createModel, decodeModel, encodeModel } from "./codec.ts";
export {
  attribute,
  Float,
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
  subgraphs,
  tensorAttribute,
  type AttributeValue,
} from "./attributes.ts";
export { externalLocation, externalTensor, floatTensor, intTensor, rawTensor, type ExternalLocation } from "./tensor.ts";
export { GraphBuilder, valueInfo, type OpOptions } from "./builder.ts";
export type { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from "./proto/onnx_pb.ts";
export { inferShapes, type InferOptions } from "./shapes/infer.ts";
export { foldConstants, type FoldReport } from "./fold.ts";
export { evaluateDim } from "./shapes/dim.ts";
export type { ValueType } from "./shapes/value-type.ts";
export { lowerOperators, LOWERED } from "./lower/lower-operators.ts";
export { upgradeOpset } from "./upgrade-opset.ts";
export { SHAPE_RULES } from "./shapes/rules.ts";
export { GraphIndex, type Use } from "./graph-index.ts";
export { keepPacked, unpacksWeights } from "./quantised/keep-packed.ts";
export { quantiseModel } from "./quantised/quantise-model.ts";
export type { QuantisedForm } from "./quantised/quantise-matrix.ts";
export { recode, type Recoded } from "./quantised/recode.ts";
export { recomputeFrozen } from "./quantised/recompute-frozen.ts";
export { copyNodes } from "./copy-nodes.ts";
export { readValues, replaceInput, replaceUses } from "./rewrite.ts";
export { lowerFused } from "./lower/lower-fused.ts";
export { pruneModel } from "./prune.ts";
export { sortTopologically } from "./sort.ts";
export { checkVersions, opsetVersion, VERSIONS } from "./versions.ts";
export { floatValues, isFloat, modelWeights, type ByteRange, type Weights, type WeightSource } from "./weights.ts";
export { tensorBytes, tensorDims } from "./tensor-bytes.ts";
export { constantPath, type ConstantPath } from "./matrices/constant-path.ts";
export { matrices, type Matrix } from "./matrices/matrices.ts";
export { digestMatrix } from "./identity/digest-matrix.ts";
export { compareMatrices, type ComparedModel, type MatrixDifference } from "./identity/compare-matrices.ts";
export { layoutOf } from "./identity/layout.ts";
export { matrixNorms } from "./identity/matrix-norms.ts";
export { digestMatrices } from "./identity/digest-matrices.ts";
export { fingerprint, fingerprintOf, type Fingerprint, type FingerprintedMatrix, leftOutDigests } from "./identity/fingerprint.ts";
