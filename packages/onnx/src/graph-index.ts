import { subgraphs } from "./attributes.ts";
import { constantTensor } from "./constant-node.ts";
import type { GraphProto, NodeProto, TensorProto } from "./proto/onnx_pb.ts";

/** One place that reads a value: the node, and which of its inputs; nodes of subgraphs included. */
export interface Use {
  readonly node: NodeProto;
  readonly input: number;
}

const NO_USES: readonly Use[] = [];

/** Who makes and who reads each value of a graph. It does not follow changes: make a new one after rewriting. */
export class GraphIndex {
  readonly nodes: readonly NodeProto[];
  /** Names of the graph's outputs. */
  readonly outputs: ReadonlySet<string>;
  readonly #producers = new Map<string, NodeProto>();
  readonly #uses = new Map<string, Use[]>();
  readonly #constants = new Map<string, TensorProto>();

  constructor(graph: GraphProto) {
    this.nodes = graph.node;
    this.outputs = new Set(graph.output.map((value) => value.name));
    for (const tensor of graph.initializer) this.#constants.set(tensor.name, tensor);
    for (const node of graph.node) {
      for (const name of node.output) if (name !== "") this.#producers.set(name, node);
      const tensor = constantTensor(node);
      if (tensor !== undefined) this.#constants.set(node.output[0] ?? "", tensor);
      this.#addUses(node);
    }
  }

  /** The node that computes a value; undefined for inputs and initializers. */
  producer(value: string): NodeProto | undefined {
    return this.#producers.get(value);
  }

  /** Every place that reads a value. */
  consumers(value: string): readonly Use[] {
    return this.#uses.get(value) ?? NO_USES;
  }

  /** The tensor behind a value, be it an initializer or the output of a `Constant` node. */
  constant(value: string): TensorProto | undefined {
    return this.#constants.get(value);
  }

  #addUses(node: NodeProto): void {
    for (const [input, name] of node.input.entries()) {
      if (name === "") continue;
      const uses = this.#uses.get(name);
      if (uses === undefined) this.#uses.set(name, [{ node, input }]);
      else uses.push({ node, input });
    }
    for (const graph of subgraphs(node)) for (const inner of graph.node) this.#addUses(inner);
  }
}
