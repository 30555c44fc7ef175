import { subgraphs } from "./attributes.ts";
import type { GraphProto, NodeProto } from "./proto/onnx_pb.ts";

/** Makes a node read `to` wherever it reads `from`. */
export function replaceInput(node: NodeProto, from: string, to: string): void {
  node.input = node.input.map((name) => (name === from ? to : name));
}

/**
 * Makes every node, those of subgraphs included, read `to` instead of `from`. A graph output called `from` stays with
 * its producer: the name is what callers ask for.
 */
export function replaceUses(graph: GraphProto, from: string, to: string): void {
  for (const node of graph.node) {
    if (node.input.includes(from)) replaceInput(node, from, to);
    for (const inner of subgraphs(node)) replaceUses(inner, from, to);
  }
}

/** Every value that a node reads, those that its subgraphs take from around it included. */
export function readValues(node: NodeProto): string[] {
  const read = node.input.filter((name) => name !== "");
  for (const graph of subgraphs(node)) {
    for (const inner of graph.node) read.push(...readValues(inner));
    for (const output of graph.output) read.push(output.name);
  }
  return read;
}
