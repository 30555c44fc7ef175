import { subgraphs } from "./attributes.ts";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "./proto/onnx_pb.ts";
import { inferShapes } from "./shapes/infer.ts";
import type { ValueType } from "./shapes/value-type.ts";
import { intTensor, rawTensor } from "./tensor.ts";
import { DataType } from "./types.ts";

/** What folding did to a graph. */
export interface FoldReport {
  /** Values that a node computed and an initializer now holds. */
  readonly folded: readonly string[];
  /** Nodes gone: the folded ones, and those that only they needed. */
  readonly removed: readonly NodeProto[];
  /** Initializers gone because only removed nodes read them. */
  readonly dropped: readonly string[];
}

/** Below this version every initializer must be a graph input too. */
const FREE_INITIALIZERS_SINCE = 4n;

/**
 * Replaces nodes whose integer or boolean result is known before a run by initializers: arithmetic on constants, and shapes
 * without symbols. Weights stay as they are. Changes `model`; results that the graph itself outputs are left to their nodes.
 */
export function foldConstants(model: ModelProto): FoldReport {
  const graph = model.graph;
  if (graph === undefined || model.irVersion < FREE_INITIALIZERS_SINCE) return { folded: [], removed: [], dropped: [] };
  const types = inferShapes(model);
  const kept = new Set(graph.output.map((value) => value.name));
  const removed = new Set<NodeProto>();
  const constants: TensorProto[] = [];
  for (const node of graph.node) {
    const results = node.opType === "Constant" ? undefined : foldedOutputs(node, { types, kept });
    if (results === undefined) continue;
    constants.push(...results);
    removed.add(node);
  }
  const unread = removeUnread(graph, { removed, constants, kept });
  graph.node = graph.node.filter((node) => !removed.has(node));
  const gone = new Set([...removed].flatMap((node) => node.output));
  graph.valueInfo = graph.valueInfo.filter((value) => !gone.has(value.name));
  const added = constants.filter((tensor) => !unread.has(tensor.name));
  const dropped = graph.initializer.filter((tensor) => unread.has(tensor.name)).map((tensor) => tensor.name);
  graph.initializer = [...graph.initializer.filter((tensor) => !unread.has(tensor.name)), ...added];
  return { folded: added.map((tensor) => tensor.name), removed: [...removed], dropped };
}

/** The results of a node as tensors, when all of them are known; undefined otherwise. */
function foldedOutputs(
  node: NodeProto,
  known: { types: ReadonlyMap<string, ValueType>; kept: ReadonlySet<string> },
): TensorProto[] | undefined {
  const tensors: TensorProto[] = [];
  for (const name of node.output) {
    if (name === "") continue;
    const tensor = known.kept.has(name) ? undefined : knownTensor(name, known.types.get(name));
    if (tensor === undefined) return undefined;
    tensors.push(tensor);
  }
  return tensors.length === 0 ? undefined : tensors;
}

function knownTensor(name: string, type: ValueType | undefined): TensorProto | undefined {
  const dims = type?.shape;
  const values = type?.value;
  if (dims === undefined || values === undefined || !allNumbers(dims) || !allNumbers(values)) return undefined;
  switch (type?.type) {
    case DataType.int64:
      return values.every(Number.isSafeInteger) ? intTensor(name, dims, values) : undefined;
    case DataType.int32:
      return values.every((value) => value === (value | 0))
        ? rawTensor(name, { type: "int32", dims, bytes: new Uint8Array(Int32Array.from(values).buffer) })
        : undefined;
    case DataType.bool:
      return rawTensor(name, { type: "bool", dims, bytes: Uint8Array.from(values) });
    default:
      return undefined;
  }
}

function allNumbers(entries: readonly (number | string)[]): entries is readonly number[] {
  return entries.every((entry) => typeof entry === "number");
}

/** Adds to `removed` the nodes that nothing reads any more, and gives the names of initializers that nothing reads any more. */
function removeUnread(
  graph: GraphProto,
  change: { removed: Set<NodeProto>; constants: readonly TensorProto[]; kept: ReadonlySet<string> },
): Set<string> {
  const reads = new Map<string, number>();
  const producers = new Map<string, NodeProto>();
  for (const node of graph.node) {
    for (const name of readsOf(node)) reads.set(name, (reads.get(name) ?? 0) + 1);
    for (const name of node.output) producers.set(name, node);
  }
  const unread = new Set<string>();
  const queue = [...change.removed];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    for (const name of readsOf(node)) {
      const left = (reads.get(name) ?? 0) - 1;
      reads.set(name, left);
      if (left > 0 || change.kept.has(name)) continue;
      unread.add(name);
      const producer = producers.get(name);
      if (
        producer === undefined ||
        change.removed.has(producer) ||
        producer.output.some((output) => (reads.get(output) ?? 0) > 0 || change.kept.has(output))
      )
        continue;
      change.removed.add(producer);
      queue.push(producer);
    }
  }
  return unread;
}

/** Every value that a node reads, those that its subgraphs take from around it included. */
function readsOf(node: NodeProto): string[] {
  return [
    ...node.input,
    ...subgraphs(node).flatMap((graph) => [...graph.node.flatMap(readsOf), ...graph.output.map((value) => value.name)]),
  ];
}
