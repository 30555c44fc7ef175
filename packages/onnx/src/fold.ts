import type { ModelProto, NodeProto, TensorProto } from "./proto/onnx_pb.ts";
import { pruneModel } from "./prune.ts";
import { inferShapes } from "./shapes/infer.ts";
import type { ValueType } from "./shapes/value-type.ts";
import { intTensor, rawTensor } from "./tensor.ts";
import { DataType } from "./types.ts";

/** What folding did to a graph. */
export interface FoldReport {
  /** Values that a node computed and an initializer now holds. */
  readonly folded: readonly string[];
  /** Nodes gone: the folded ones, and those that nothing needs. */
  readonly removed: readonly NodeProto[];
  /** Initializers gone because nothing reads them. */
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
  const replaced = new Set<NodeProto>();
  const constants: TensorProto[] = [];
  for (const node of graph.node) {
    const results = node.opType === "Constant" ? undefined : foldedOutputs(node, { types, kept });
    if (results === undefined) continue;
    constants.push(...results);
    replaced.add(node);
  }
  if (replaced.size === 0) return { folded: [], removed: [], dropped: [] };
  const before = { nodes: graph.node, initializers: graph.initializer };
  graph.node = graph.node.filter((node) => !replaced.has(node));
  graph.initializer = [...graph.initializer, ...constants];
  pruneModel(model);
  const [nodes, initializers] = [new Set(graph.node), new Set(graph.initializer)];
  return {
    folded: constants.filter((tensor) => initializers.has(tensor)).map((tensor) => tensor.name),
    removed: before.nodes.filter((node) => !nodes.has(node)),
    dropped: before.initializers.filter((tensor) => !initializers.has(tensor)).map((tensor) => tensor.name),
  };
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
