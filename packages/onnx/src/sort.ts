import { GraftError } from "@graft/error";
import type { GraphProto, NodeProto } from "./proto/onnx_pb.ts";
import { readValues } from "./rewrite.ts";

/**
 * Orders the nodes so that each stands after those it reads from, as ONNX requires; otherwise the order stays as it is.
 * ONNX_INVALID for a cycle.
 */
export function sortTopologically(graph: GraphProto): void {
  const producers = new Map(graph.node.flatMap((node) => node.output.filter((name) => name !== "").map((name) => [name, node] as const)));
  const state = new Map<NodeProto, "open" | "done">();
  const sorted: NodeProto[] = [];
  for (const root of graph.node) {
    // Depth first without recursion: a decoder's longest path has more nodes than the stack has frames.
    const stack: { node: NodeProto; sources: NodeProto[] }[] = [];
    const enter = (node: NodeProto): void => {
      state.set(node, "open");
      const sources = readValues(node)
        .flatMap((name) => producers.get(name) ?? [])
        .filter((source) => source !== node);
      stack.push({ node, sources: sources.toReversed() });
    };
    if (!state.has(root)) enter(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const source = top.sources.pop();
      if (source === undefined) {
        stack.pop();
        state.set(top.node, "done");
        sorted.push(top.node);
      } else if (state.get(source) === "open") {
        throw new GraftError(
          "ONNX_INVALID",
          `Cannot order the graph: the node "${source.name}" (${source.opType}) depends on its own output`,
        );
      } else if (!state.has(source)) {
        enter(source);
      }
    }
  }
  graph.node = sorted;
}
