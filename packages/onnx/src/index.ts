export { AttributeType, DataType, dataTypeName, type DataTypeName, type Dim } from "./types.ts";
export { cloneModel, createModel, decodeModel, encodeModel } from "./codec.ts";
export { attribute, Float, floatAttribute, intAttribute, intsAttribute, stringAttribute, subgraphs, tensorAttribute, type AttributeValue } from "./attributes.ts";
export { externalLocation, externalTensor, floatTensor, intTensor, rawTensor, type ExternalLocation } from "./tensor.ts";
export { GraphBuilder, valueInfo, type OpOptions } from "./builder.ts";
export type { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from "./proto/onnx_pb.ts";
export { inferShapes, type InferOptions } from "./shapes/infer.ts";
export { evaluateDim } from "./shapes/dim.ts";
export type { ValueType } from "./shapes/value-type.ts";
