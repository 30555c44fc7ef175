import type { GraphBuilder } from "./builder.ts";
import type { NodeProto } from "./proto/onnx_pb.ts";

/**
 * Appends copies of nodes, given in an order in which each comes after those it reads. `replaced` says what they read instead
 * of some values; what they make gets new names, and the result tells them by the old ones. Attributes are shared.
 */
export function copyNodes(
  builder: GraphBuilder,
  nodes: readonly NodeProto[],
  replaced: ReadonlyMap<string, string> = new Map(),
): Map<string, string> {
  const names = new Map(replaced);
  for (const node of nodes) {
    const input = node.input.map((name) => names.get(name) ?? name);
    const output = node.output.map((name) => (name === "" ? "" : builder.unique(name)));
    for (const [index, name] of node.output.entries()) if (name !== "") names.set(name, output[index] ?? "");
    const copy = Object.assign(Object.create(Object.getPrototypeOf(node) as object) as NodeProto, node);
    builder.graph.node.push(Object.assign(copy, { name: builder.unique(node.name === "" ? node.opType : node.name), input, output }));
  }
  return names;
}
