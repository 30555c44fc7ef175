import { GraftError } from "@graft/error";
import { DataType, type GraphBuilder, type GraphProto, type ModelProto, type NodeProto } from "@graft/onnx";

/** Outputs that exporters call the last hidden state. */
const NAMES = ["last_hidden_state", "token_embeddings", "encoder_outputs", "hidden_states"];

/** Name of the graph output that holds a vector per position, [batch, sequence, hidden]. ONNX_UNSUPPORTED when no output does. */
export function hiddenState(model: ModelProto): string {
  const outputs = model.graph?.output ?? [];
  const named = NAMES.find((name) => outputs.some((output) => output.name === name));
  const found = named ?? outputs.find((output) => rank(output) === 3)?.name;
  if (found !== undefined) return found;
  throw new GraftError(
    "ONNX_UNSUPPORTED",
    `Cannot attach a head: the model has no output "last_hidden_state" but ${outputs.map(({ name }) => `"${name}"`).join(", ")}`,
    {
      hint: "Export the bare model, for the task feature-extraction",
    },
  );
}

/** The last hidden state as a float32 value: heads are computed in float32, whatever the base is. */
export function floatHidden(builder: GraphBuilder): string {
  const name = hiddenState(builder.model);
  const type = builder.graph.output.find((output) => output.name === name)?.type?.value;
  const narrow = type?.case === "tensorType" && type.value.elemType !== DataType.float32;
  return narrow ? builder.op("Cast", [name], { name: "/last_hidden_state/Cast", attributes: { to: DataType.float32 } }) : name;
}

/** The table of word embeddings: the value that rows are gathered from by `input_ids`. ONNX_UNSUPPORTED when there is none. */
export function wordEmbedding(graph: GraphProto): string {
  return wordGather(graph).input[0] ?? "";
}

/** The node that gathers word embeddings by `input_ids`. ONNX_UNSUPPORTED when there is none. */
export function wordGather(graph: GraphProto): NodeProto {
  const ids = new Set(["input_ids"]);
  for (const node of graph.node) {
    // Exporters cast or reshape the ids first.
    if (["Cast", "Identity", "Reshape"].includes(node.opType) && ids.has(node.input[0] ?? "")) ids.add(node.output[0] ?? "");
    if (node.opType === "Gather" && ids.has(node.input[1] ?? "")) return node;
  }
  throw new GraftError("ONNX_UNSUPPORTED", 'Cannot find the word embeddings: no node gathers word embeddings by "input_ids"', {
    hint: "Take a text encoder",
  });
}

function rank(output: GraphProto["output"][number]): number | undefined {
  return output.type?.value.case === "tensorType" ? output.type.value.value.shape?.dim.length : undefined;
}
