import { GraftError } from "@graft/error";
import type { GraphProto, NodeProto, TensorProto } from "@graft/onnx";

/** Moves the nodes from `start` on to behind the node that gives `value`, so that the order stays topological. */
export function placeAfter(graph: GraphProto, value: string, start: number): void {
  const added = graph.node.splice(start);
  const index = graph.node.findIndex(({ output }) => output.includes(value));
  graph.node.splice(index + 1, 0, ...added);
}

/** Moves the nodes from `start` on to the beginning: they read inputs and initializers only. */
export function placeFirst(graph: GraphProto, start: number): void {
  graph.node.unshift(...graph.node.splice(start));
}

/** The node that gives a value. ONNX_UNSUPPORTED when none at the top level does. */
export function producerOf(graph: GraphProto, value: string): NodeProto {
  const node = graph.node.find(({ output }) => output.includes(value));
  if (node === undefined)
    throw new GraftError("ONNX_UNSUPPORTED", `Cannot change the graph: no node at its top level gives "${value}"`, {
      hint: "Export the model without control flow",
    });
  return node;
}

/** What a value is copied from, looked for through Identity, Cast and Transpose: an initializer, or undefined. */
export function sourceTensor(graph: GraphProto, value: string): TensorProto | undefined {
  const initializer = graph.initializer.find(({ name }) => name === value);
  if (initializer !== undefined) return initializer;
  const node = graph.node.find(({ output }) => output[0] === value);
  if (node === undefined || !["Identity", "Cast", "Transpose"].includes(node.opType)) return undefined;
  return sourceTensor(graph, node.input[0] ?? "");
}

/** Element type in which a value that comes from an initializer is computed with; the last Cast decides. */
export function elementType(graph: GraphProto, value: string): number | undefined {
  const initializer = graph.initializer.find(({ name }) => name === value);
  if (initializer !== undefined) return initializer.dataType;
  const node = graph.node.find(({ output }) => output[0] === value);
  if (node === undefined) return undefined;
  if (node.opType === "Cast") return Number(node.attribute.find(({ name }) => name === "to")?.i ?? 0);
  // An unpacked weight has its scales' type.
  if (node.opType === "DequantizeLinear") return elementType(graph, node.input[1] ?? "");
  return ["Identity", "Transpose", "Mul", "Reshape"].includes(node.opType) ? elementType(graph, node.input[0] ?? "") : undefined;
}
