import { type GraphBuilder, sortTopologically } from "@graft/onnx";
import { producerOf } from "./graph-edits.ts";

/**
 * Puts nodes between a value and everything that reads it, graph outputs included: `make` is given what the value was, and
 * names the one that takes its place. The order of nodes is restored by `finishEdits`.
 */
export function interpose(builder: GraphBuilder, value: string, make: (was: string) => string): void {
  const node = producerOf(builder.graph, value);
  const was = builder.unique(`${value}_base`);
  node.output = node.output.map((output) => (output === value ? was : output));
  builder.op("Identity", [make(was)], { outputs: [value], name: `${value}/Identity` });
}

/** Puts the nodes in order after edits, and drops descriptions of values whose sizes are others now. */
export function finishEdits({ graph }: GraphBuilder): void {
  graph.valueInfo = [];
  sortTopologically(graph);
}
