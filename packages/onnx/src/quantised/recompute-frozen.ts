import type { GraphBuilder } from "../builder.ts";
import { copyNodes } from "../copy-nodes.ts";
import { GraphIndex } from "../graph-index.ts";
import type { NodeProto } from "../proto/onnx_pb.ts";
import { replaceInput } from "../rewrite.ts";
import { sortTopologically } from "../sort.ts";
import { isPacked } from "./codes.ts";

/**
 * Gives every reader of an unpacked weight an unpacking of its own: between the forward product and the gradient's the
 * weight is then held packed only. The session must not be allowed to find that both compute the same.
 */
export function recomputeFrozen(builder: GraphBuilder): void {
  sortTopologically(builder.graph);
  const index = new GraphIndex(builder.graph);
  const frozen = new Set<NodeProto>();
  const packed = new Set<NodeProto>();
  for (const node of index.nodes) {
    const producers = node.input.map((name) =>
      name === "" || index.constant(name) !== undefined ? undefined : (index.producer(name) ?? null),
    );
    if (node.opType === "Constant" || producers.some((producer) => producer === null || (producer !== undefined && !frozen.has(producer))))
      continue;
    frozen.add(node);
    const codes = node.input.some((name) => {
      const tensor = index.constant(name);
      return tensor !== undefined && isPacked(tensor);
    });
    if (codes || producers.some((producer) => producer !== undefined && producer !== null && packed.has(producer))) packed.add(node);
  }
  const taken = new Set<NodeProto>();
  for (const reader of index.nodes) {
    if (frozen.has(reader)) continue;
    for (const value of new Set(reader.input)) {
      const producer = index.producer(value);
      if (producer === undefined || !packed.has(producer)) continue;
      const nodes = upTo(index, { node: producer, packed });
      if (nodes.some((node) => taken.has(node))) replaceInput(reader, value, copyNodes(builder, nodes).get(value) ?? value);
      else for (const node of nodes) taken.add(node);
    }
  }
  sortTopologically(builder.graph);
}

/** A node and the frozen ones that it is computed from, each after those it reads. */
function upTo(index: GraphIndex, { node, packed }: { node: NodeProto; packed: ReadonlySet<NodeProto> }): NodeProto[] {
  const order: NodeProto[] = [];
  const visit = (one: NodeProto): void => {
    if (order.includes(one)) return;
    for (const name of one.input) {
      const producer = index.producer(name);
      if (producer !== undefined && packed.has(producer)) visit(producer);
    }
    order.push(one);
  };
  visit(node);
  return order;
}
