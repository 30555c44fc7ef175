import {
  type Dim,
  type GraphBuilder,
  GraphIndex,
  inferShapes,
  intAttribute,
  intsAttribute,
  type NodeProto,
  sortTopologically,
  type ValueType,
} from "@graft/onnx";
import type { Pass } from "./pass.ts";

/** Operators that act on each element, operands broadcast. */
const ELEMENTWISE: ReadonlySet<string> = new Set([
  "Add",
  "Sub",
  "Mul",
  "Div",
  "Neg",
  "Where",
  "IsNaN",
  "Cast",
  "Identity",
  "Sqrt",
  "Erf",
  "Gelu",
  "Tanh",
]);
/** Operators that work along the last axis, or along the axis they name. */
const ALONG_LAST: ReadonlySet<string> = new Set(["Softmax", "LayerNormalization", "RMSNormalization"]);

/** What the walk looks things up in. */
interface Context {
  readonly index: GraphIndex;
  readonly types: ReadonlyMap<string, ValueType>;
}

/** Where the position stands in each input of a node; undefined for an input that has none. */
type Places = readonly (number | undefined)[];

/**
 * Where a head reads one position, the last layer's queries, scores and weights of all others are for nobody: the choice moves in
 * front of the attention, whose keys and values alone are needed for every position.
 */
export const narrowAttention: Pass = {
  about: "the last layer's attention for the one position that the head reads",
  forward(builder: GraphBuilder): void {
    const context = { index: new GraphIndex(builder.graph), types: inferShapes(builder.model) };
    for (const node of context.index.nodes) {
      const chosen = chosenPosition(node, context);
      if (chosen !== undefined) narrow(builder, { choice: node, position: chosen }, context);
    }
  },
};

/** The position that a Gather of one position takes from [batch, sequence, width]. */
function chosenPosition(node: NodeProto, { types }: Context): number | undefined {
  const [source = "", at = ""] = node.input;
  const position = types.get(at);
  if (node.opType !== "Gather" || intAttribute(node, "axis", 0) !== 1 || position?.shape?.length !== 0) return undefined;
  const value = position.value?.[0];
  return types.get(source)?.shape?.length === 3 && typeof value === "number" ? value : undefined;
}

function narrow(builder: GraphBuilder, { choice, position }: { choice: NodeProto; position: number }, context: Context): void {
  const { graph } = builder;
  const source = choice.input[0] ?? "";
  const places = nodesToMove(choice, context);
  if (![...places.keys()].some(({ opType }) => opType === "Softmax")) return;
  const made = new Set([...places.keys()].flatMap(({ output }) => output));
  const chosen = new Map<string, string>();
  for (const [node, axes] of places) {
    if (node.opType === "Reshape") {
      node.input[1] = builder.int(narrowedShape(node, context) ?? []);
      // A zero takes the size from the input; dynamo's exports say otherwise, and have none.
      node.attribute = node.attribute.filter(({ name }) => name !== "allowzero");
    }
    for (const [index, input] of node.input.entries()) {
      const axis = axes[index];
      if (axis === undefined || made.has(input)) continue;
      const key = `${input}:${axis}`;
      const value =
        chosen.get(key) ?? builder.op("Gather", [input, builder.int([position])], { name: "/positions/Gather", attributes: { axis } });
      chosen.set(key, value);
      node.input[index] = value;
    }
  }
  if (made.has(source)) choice.input[1] = builder.int(0);
  // What an exporter says of their shapes holds no longer.
  graph.valueInfo = graph.valueInfo.filter(({ name }) => !made.has(name));
  sortTopologically(graph);
}

/** Nodes that may compute one position only, and where it stands in each of their inputs. */
function nodesToMove(choice: NodeProto, context: Context): Map<NodeProto, Places> {
  const { index } = context;
  const moved = new Map<NodeProto, Places>();
  const places = (node: NodeProto, input: number): number | undefined => (node === choice && input === 0 ? 1 : moved.get(node)?.[input]);
  for (const node of index.nodes.toReversed()) {
    const [output = "", ...others] = node.output;
    const axes = new Set(index.consumers(output).map((use) => places(use.node, use.input)));
    const [axis, ...more] = axes;
    if (axis === undefined || more.length > 0 || others.length > 0 || index.outputs.has(output)) continue;
    const inputs = placesOf(node, axis, context);
    if (inputs !== undefined) moved.set(node, inputs);
  }
  return moved;
}

/** Where the position of an output's axis stands in the inputs; undefined where the node needs the other positions too. */
function placesOf(node: NodeProto, axis: number, context: Context): Places | undefined {
  const { types } = context;
  const shapeOf = (value: string): readonly Dim[] | undefined => types.get(value)?.shape;
  const whole = shapeOf(node.output[0] ?? "");
  const [first = "", second = ""] = node.input;
  if (whole === undefined) return undefined;
  const rank = whole.length;
  if (ELEMENTWISE.has(node.opType)) {
    const shapes = node.input.map(shapeOf);
    if (shapes.some((shape) => shape === undefined)) return undefined;
    return shapes.map((shape = []) => {
      const place = axis - (rank - shape.length);
      return place < 0 || shape[place] === 1 ? undefined : place;
    });
  }
  if (ALONG_LAST.has(node.opType)) {
    const along = intAttribute(node, "axis", -1);
    return axis < rank - 1 && (along === -1 || along === rank - 1) ? [axis] : undefined;
  }
  if (node.opType === "MatMul") {
    const batched = shapeOf(first)?.length === rank && (shapeOf(second)?.length === rank || shapeOf(second)?.length === 2);
    return batched && axis === rank - 2 ? [axis] : undefined;
  }
  if (node.opType === "Transpose") {
    const place = intsAttribute(node, "perm")?.[axis];
    return place === undefined ? undefined : [place];
  }
  if (node.opType !== "Reshape" || narrowedShape(node, context) === undefined || axis !== 1) return undefined;
  return [axis];
}

/** The shape that a Reshape of [batch, sequence, …] gives whatever the sequence is; undefined where it moves these two. */
function narrowedShape(node: NodeProto, { types }: Context): number[] | undefined {
  const [from, to] = [types.get(node.input[0] ?? "")?.shape, types.get(node.output[0] ?? "")?.shape];
  if (from === undefined || to === undefined || from[0] !== to[0] || from[1] !== to[1]) return undefined;
  const rest = to.slice(2);
  return rest.every((dim): dim is number => typeof dim === "number") ? [0, 0, ...rest] : undefined;
}
