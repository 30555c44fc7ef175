import { type GraphBuilder, GraphIndex, inferShapes, intAttribute, type NodeProto, sortTopologically, type ValueType } from "@graft/onnx";
import type { Pass } from "./pass.ts";

/** Operators that treat each position on its own where their other operands are parameters. */
const ROWWISE: ReadonlySet<string> = new Set([
  "Add",
  "Sub",
  "Mul",
  "Div",
  "Pow",
  "MatMul",
  "LayerNormalization",
  "RMSNormalization",
  "Gelu",
  "Erf",
  "Tanh",
  "Relu",
  "Sigmoid",
  "Sqrt",
  "Neg",
  "Identity",
  "Cast",
]);
/** Axes of a value with a vector for each position: [batch, sequence, width]. */
const RANK = 3;

/** What the walk looks things up in. */
interface Context {
  readonly index: GraphIndex;
  readonly types: ReadonlyMap<string, ValueType>;
}

/**
 * Moves a head's choice of positions (the first one, or the hidden ones) from behind the last layer to behind its attention:
 * what is computed for positions that nobody reads is left out, forward and backward. What is computed stays the same.
 */
export const narrowPositions: Pass = {
  about: "the last layer behind its attention for the positions that the head reads",
  forward(builder: GraphBuilder): void {
    const context = { index: new GraphIndex(builder.graph), types: inferShapes(builder.model) };
    for (const node of context.index.nodes) {
      const choice = choiceAt(node, context);
      if (choice !== undefined) narrow(builder, choice, context);
    }
  },
};

/** How positions are chosen: of `source`, as `chosen`, by the last of `nodes`. */
interface Choice {
  readonly nodes: readonly NodeProto[];
  readonly source: string;
  readonly chosen: string;
  apply(builder: GraphBuilder, value: string): string;
}

/** Whether a node makes one axis of rows and positions. */
function joinsPositions(node: NodeProto): boolean {
  return node.opType === "Reshape" || (node.opType === "Flatten" && intAttribute(node, "axis", 1) === RANK - 1);
}

/** A Gather of one position (axis 1), or a Reshape or Flatten to rows that one Gather (axis 0) reads. */
function choiceAt(node: NodeProto, { index, types }: Context): Choice | undefined {
  const [source = "", other = ""] = node.input;
  const [output = ""] = node.output;
  if (!hasPositions(source, types)) return undefined;
  if (node.opType === "Gather" && intAttribute(node, "axis", 0) === 1 && types.get(other)?.shape?.length === 0) {
    return {
      nodes: [node],
      source,
      chosen: output,
      apply: (builder, value) => builder.op("Gather", [value, other], { name: "/positions/Gather", attributes: { axis: 1 } }),
    };
  }
  const [use, ...more] = index.consumers(output);
  if (!joinsPositions(node) || types.get(output)?.shape?.length !== 2 || use === undefined || more.length > 0) return undefined;
  if (use.node.opType !== "Gather" || use.input !== 0 || intAttribute(use.node, "axis", 0) !== 0) return undefined;
  const positions = use.node.input[1] ?? "";
  return {
    nodes: [node, use.node],
    source,
    chosen: use.node.output[0] ?? "",
    apply: (builder, value) => {
      // The width differs from value to value.
      const width = types.get(value)?.shape?.[RANK - 1];
      const rows = builder.op("Reshape", [value, builder.int([-1, Number(width)])], { name: "/positions/Reshape" });
      return builder.op("Gather", [rows, positions], { name: "/positions/Gather", attributes: { axis: 0 } });
    },
  };
}

function narrow(builder: GraphBuilder, choice: Choice, context: Context): void {
  const { graph } = builder;
  const moved = nodesToMove(choice, context);
  const made = new Set([...moved].flatMap(({ output }) => output));
  if (!made.has(choice.source)) return;
  const choices = new Map<string, string>();
  for (const node of moved) {
    for (const [place, input] of node.input.entries()) {
      if (made.has(input) || !hasPositions(input, context.types)) continue;
      const chosen = choices.get(input) ?? choice.apply(builder, input);
      choices.set(input, chosen);
      node.input[place] = chosen;
    }
  }
  // Nobody else reads the source: what gives it gives what was chosen.
  for (const node of moved) node.output = node.output.map((output) => (output === choice.source ? choice.chosen : output));
  graph.node = graph.node.filter((node) => !choice.nodes.includes(node));
  // What an exporter says of their shapes holds no longer.
  graph.valueInfo = graph.valueInfo.filter(({ name }) => !made.has(name));
  sortTopologically(graph);
}

/** Nodes that may compute the chosen positions only: those whose results nobody but the choice and each other read. */
function nodesToMove(choice: Choice, { index, types }: Context): Set<NodeProto> {
  const moved = new Set<NodeProto>();
  const readers = new Set<NodeProto>(choice.nodes.slice(0, 1));
  for (const node of index.nodes.toReversed()) {
    const [output = "", ...others] = node.output;
    const uses = index.consumers(output);
    if (uses.length === 0 || others.length > 0 || !uses.every((use) => readers.has(use.node)) || !isRowwise(node, types)) continue;
    moved.add(node);
    readers.add(node);
  }
  return moved;
}

function isRowwise(node: NodeProto, types: Context["types"]): boolean {
  const [first = "", ...others] = node.input;
  if (!ROWWISE.has(node.opType) || !hasPositions(node.output[0] ?? "", types)) return false;
  if (node.opType === "MatMul") return hasPositions(first, types) && types.get(others[0] ?? "")?.shape?.length === 2;
  if (["LayerNormalization", "RMSNormalization"].includes(node.opType))
    return hasPositions(first, types) && [-1, RANK - 1].includes(intAttribute(node, "axis", -1));
  // An operand either has the same positions, or none.
  const whole = JSON.stringify(types.get(node.output[0] ?? "")?.shape?.slice(0, 2));
  return node.input.every((input) => {
    const shape = types.get(input)?.shape;
    return shape !== undefined && (shape.length <= 1 || (shape.length === RANK && JSON.stringify(shape.slice(0, 2)) === whole));
  });
}

/** Whether a value has a vector for each position, of known width. */
function hasPositions(value: string, types: Context["types"]): boolean {
  const type = types.get(value);
  return type?.type === 1 && type.shape?.length === RANK && typeof type.shape[RANK - 1] === "number";
}
