import type { AttributeProto, FunctionProto, ModelProto, NodeProto } from "../proto/onnx_pb.ts";

/** The functions that a model brings along, by the name that nodes call them by ("package.Attention"). */
export type FunctionTable = ReadonlyMap<string, FunctionProto>;

/** The functions of a model by the name of the operator that they define. */
export function functionsByName(model: ModelProto): FunctionTable {
  return new Map(
    model.functions.map((entry) => [
      entry.domain === "" || entry.domain === "ai.onnx" ? entry.name : `${entry.domain}.${entry.name}`,
      entry,
    ]),
  );
}

/** The nodes of a function with the attributes of one call put in. */
export function boundNodes(called: FunctionProto, call: NodeProto): NodeProto[] {
  const given = new Map([...called.attributeProto, ...call.attribute].map((entry) => [entry.name, entry]));
  return called.node.map((node) => ({ ...node, attribute: node.attribute.flatMap((entry) => bind(entry, given)) }));
}

function bind(attribute: AttributeProto, given: ReadonlyMap<string, AttributeProto>): AttributeProto[] {
  if (attribute.refAttrName === "") return [attribute];
  const value = given.get(attribute.refAttrName);
  return value === undefined ? [] : [{ ...value, name: attribute.name }];
}
