import type { ModelProto, NodeProto } from "./proto/onnx_pb.ts";
import { readValues } from "./rewrite.ts";

/** Drops nodes that no graph output needs, and the initializers and value descriptions that go with them. Inputs stay. */
export function pruneModel(model: ModelProto): void {
  const graph = model.graph;
  if (graph === undefined) return;
  const producers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const needed = new Set<string>(graph.output.map((value) => value.name));
  const kept = new Set<NodeProto>();
  const open = [...needed];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const node = producers.get(name);
    if (node === undefined || kept.has(node)) continue;
    kept.add(node);
    for (const read of readValues(node)) {
      if (needed.has(read)) continue;
      needed.add(read);
      open.push(read);
    }
  }
  graph.node = graph.node.filter((node) => kept.has(node));
  graph.initializer = graph.initializer.filter((tensor) => needed.has(tensor.name));
  graph.sparseInitializer = graph.sparseInitializer.filter((tensor) => needed.has(tensor.values?.name ?? ""));
  const made = new Set([...needed, ...graph.node.flatMap((node) => node.output)]);
  graph.valueInfo = graph.valueInfo.filter((value) => made.has(value.name));
  graph.quantizationAnnotation = graph.quantizationAnnotation.filter((annotation) => made.has(annotation.tensorName));
}
