import { GraftError } from "@graft/error";
import { type GraphBuilder, type ModelProto, pruneModel, replaceUses } from "@graft/onnx";
import { LOGITS } from "./graph-output.ts";

/** Input of a language model that is trained: int64 [count], places in the flattened [batch · sequence] positions whose next token is predicted. */
export const PREDICTING_POSITIONS = "predicting_positions";

/** Name of the base's output of logits over its vocabulary, [batch, sequence, vocabulary]. ONNX_UNSUPPORTED when it has none. */
export function languageLogits(model: ModelProto): string {
  const outputs = model.graph?.output ?? [];
  if (outputs.some(({ name }) => name === LOGITS)) return LOGITS;
  throw new GraftError(
    "ONNX_UNSUPPORTED",
    `Cannot predict tokens: the model has no output "${LOGITS}" but ${outputs
      .slice(0, 8)
      .map(({ name }) => `"${name}"`)
      .join(", ")}`,
    { hint: "Take a decoder with its language head: a checkpoint of GPT-2 or Llama, or an export for text generation" },
  );
}

/** Logits of the positions that predict a token, [count, vocabulary]. */
export function appendLanguageLogits(builder: GraphBuilder): string {
  const logits = freeName(builder, languageLogits(builder.model));
  const positions = builder.input(PREDICTING_POSITIONS, "int64", ["predicting"]);
  const rows = builder.op("Flatten", [logits], { name: "/predicting/Flatten", attributes: { axis: 2 } });
  return builder.op("Gather", [rows, positions], { name: "/predicting/Gather", attributes: { axis: 0 } });
}

/** Gives an output's value another name: the output's own is wanted for what is computed from it. */
function freeName(builder: GraphBuilder, output: string): string {
  const { graph } = builder;
  const value = builder.unique(`/predicting/${output}`);
  graph.output = graph.output.filter(({ name }) => name !== output);
  replaceUses(graph, output, value);
  for (const node of graph.node) node.output = node.output.map((name) => (name === output ? value : name));
  return value;
}

/** Leaves a graph the outputs that are wanted, and what they need; weights that no node uses stay for heads to start from. */
export function keepOutputs(model: ModelProto, names: readonly string[]): void {
  const graph = model.graph;
  if (graph === undefined) return;
  const carried = new Set(graph.node.flatMap(({ input }) => input));
  const unused = graph.initializer.filter(({ name }) => !carried.has(name));
  graph.output = graph.output.filter(({ name }) => names.includes(name));
  pruneModel(model);
  graph.initializer.push(...unused);
}
