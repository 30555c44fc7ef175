import type { AttributeProto, NodeProto, TensorProto } from "./proto/onnx_pb.ts";
import { floatTensor, intTensor } from "./tensor.ts";

/** The attributes in which a `Constant` node can hold numbers, each as the tensor it stands for. */
const FORMS: Readonly<Record<string, (attribute: AttributeProto, name: string) => TensorProto | undefined>> = {
  value: (attribute) => attribute.t,
  value_float: (attribute, name) => floatTensor(name, [], [attribute.f]),
  value_floats: (attribute, name) => floatTensor(name, [attribute.floats.length], attribute.floats),
  value_int: (attribute, name) => intTensor(name, [], [attribute.i]),
  value_ints: (attribute, name) => intTensor(name, [attribute.ints.length], attribute.ints),
};

/** The tensor that a `Constant` node holds; undefined for other nodes, and for text and sparse constants. */
export function constantTensor(node: NodeProto): TensorProto | undefined {
  if (node.opType !== "Constant" || (node.domain !== "" && node.domain !== "ai.onnx")) return undefined;
  for (const attribute of node.attribute) {
    const tensor = FORMS[attribute.name]?.(attribute, node.output[0] ?? "");
    if (tensor !== undefined) return tensor;
  }
  return undefined;
}
