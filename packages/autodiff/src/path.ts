import { DataType, type GraphProto, type NodeProto, subgraphs, type ValueType } from "@graft/onnx";
import { operatorKey } from "./errors.ts";
import { GRADIENTS } from "./gradients.ts";

const FLOATS: ReadonlySet<number> = new Set([DataType.undefined, DataType.float32, DataType.float16, DataType.bfloat16, DataType.float64]);

/** Metadata of a node that no gradient passes. */
const STOP_GRADIENT = { key: "graft.gradient", value: "stop" } as const;

/** The nodes between some values and the loss, in an order in which each comes after those it reads, and all values that vary with them. */
export interface Path {
  readonly nodes: readonly NodeProto[];
  readonly varying: ReadonlySet<string>;
  readonly producers: ReadonlyMap<string, NodeProto>;
  /** Nodes that read a value, as often as they read it. */
  readonly readers: ReadonlyMap<string, readonly NodeProto[]>;
}

/** Finds what a gradient has to pass. Nodes elsewhere are never looked at, so they need no rule. */
export function findPath(
  graph: GraphProto,
  options: { loss: string; wrt: readonly string[]; types: ReadonlyMap<string, ValueType> },
): Path {
  const producers = new Map(graph.node.flatMap((node) => node.output.filter(Boolean).map((output) => [output, node] as const)));
  const varying = new Set(options.wrt);
  const nodes: NodeProto[] = [];
  for (const node of ancestors(options.loss, producers)) {
    if (!reads(node).some((input) => varying.has(input)) || GRADIENTS[operatorKey(node)] === null || isStopped(node)) continue;
    const outputs = node.output.filter((output) => output !== "" && FLOATS.has(options.types.get(output)?.type ?? DataType.undefined));
    if (outputs.length === 0) continue;
    for (const output of outputs) varying.add(output);
    nodes.push(node);
  }
  const readers = new Map<string, NodeProto[]>();
  for (const node of graph.node) for (const input of reads(node)) readers.set(input, [...(readers.get(input) ?? []), node]);
  return { nodes, varying, producers, readers };
}

/** Whether a node is marked as the end of gradients: what it gives counts as a constant. */
function isStopped({ metadataProps }: NodeProto): boolean {
  return metadataProps.some(({ key, value }) => key === STOP_GRADIENT.key && value === STOP_GRADIENT.value);
}

/** Everything a value is computed from, each node after those it reads. No recursion: graphs are deeper than the stack. */
function ancestors(value: string, producers: ReadonlyMap<string, NodeProto>): NodeProto[] {
  const ordered: NodeProto[] = [];
  const seen = new Set<NodeProto>();
  const open: { readonly node: NodeProto; readonly inputs: string[] }[] = [];
  const enter = (name: string): void => {
    const node = producers.get(name);
    if (node === undefined || seen.has(node)) return;
    seen.add(node);
    open.push({ node, inputs: reads(node) });
  };
  enter(value);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const input = top.inputs.pop();
    if (input !== undefined) enter(input);
    else {
      ordered.push(top.node);
      open.pop();
    }
  }
  return ordered;
}

/** Inputs of a node, and the outer values that its subgraphs may read. */
function reads(node: NodeProto): string[] {
  return [
    ...node.input,
    ...subgraphs(node).flatMap((graph) => [...graph.node.flatMap(reads), ...graph.output.map((output) => output.name)]),
  ];
}
