import { GraftError } from "@graft/error";
import type { NodeProto } from "@graft/onnx";

/** The module that a node belongs to, as far as its exporter says: from its metadata, or from a name like "/encoder/layer.0/MatMul". */
function moduleOf(node: NodeProto): string {
  const scopes = node.metadataProps.find((entry) => entry.key === "pkg.torch.onnx.name_scopes")?.value;
  const named = scopes?.match(/'([^']*)'/g)?.map((scope) => scope.slice(1, -1)) ?? [];
  const inner = named.at(-2);
  if (inner !== undefined) return inner;
  return node.name.startsWith("/") ? node.name.split("/").slice(1, -1).join(".") : "";
}

function describe(node: NodeProto): string {
  const module = moduleOf(node);
  return `node "${node.name || node.output[0]}"${module === "" ? "" : ` in module "${module}"`}`;
}

/** The key of a node's operator in the table: its name, with the domain before it unless that is ONNX's own. */
export function operatorKey(node: NodeProto): string {
  return node.domain === "" || node.domain === "ai.onnx" ? node.opType : `${node.domain}.${node.opType}`;
}

/** OPERATOR_WITHOUT_GRADIENT for an operator, or for the form in which a node uses it (`why`). */
export function withoutGradient(node: NodeProto, why?: string): GraftError {
  const operator = operatorKey(node);
  return new GraftError(
    "OPERATOR_WITHOUT_GRADIENT",
    `Cannot differentiate ${describe(node)}: operator "${operator}" ${why ?? "has no gradient rule"}`,
    {
      hint: `Train only modules after this node, export the model without fused operators, or add the rule to GRADIENTS under "${operator}"`,
      detail: { node: node.name, module: moduleOf(node), operator },
    },
  );
}
