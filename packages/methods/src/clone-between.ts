import { copyNodes, type GraphBuilder, type NodeProto } from "@graft/onnx";

/** Computes `to` again from `start` in the place of `from`, by copies of the nodes between them; gives the new value's name. */
export function cloneBetween(builder: GraphBuilder, options: { from: string; to: string; start: string }): string {
  const { from, to, start } = options;
  const producers = new Map(builder.graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const between: NodeProto[] = [];
  const known = new Map<string, boolean>([[from, true]]);
  /** Whether a value comes from `from`; nodes on the way are listed after those they read. */
  const comesFrom = (value: string): boolean => {
    const before = known.get(value);
    if (before !== undefined) return before;
    known.set(value, false);
    const node = producers.get(value);
    // Every input is looked at: a value may reach the end on several ways.
    const comes = node?.input.map(comesFrom).includes(true) ?? false;
    for (const output of node?.output ?? []) known.set(output, comes);
    if (comes && node !== undefined) between.push(node);
    return comes;
  };
  comesFrom(to);
  return copyNodes(builder, between, new Map([[from, start]])).get(to) ?? start;
}
