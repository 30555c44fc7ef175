import type { Task } from "@graft/format";
import type { GraphBuilder } from "@graft/onnx";
import { pruneModel } from "@graft/onnx";
import { hiddenState } from "./hidden-state.ts";

/** Name of the output that holds an adapted model's result. */
export const LOGITS = "logits";

/** Makes the logits the only output and drops what nobody needs for them; without logits, the last hidden state stays. Gives the output's name. */
export function graphOutput(
  builder: GraphBuilder,
  logits: string | undefined,
  { type, head, labels }: Pick<Task, "type" | "head" | "labels">,
): string {
  const { graph } = builder;
  // A language model stays one, its cache included.
  if (type === "causal-language-modelling") return LOGITS;
  // So does any other network that is trained by its own output.
  const [own] = graph.output;
  if (type === "tensors" && own !== undefined) return own.name;
  if (logits === undefined) {
    const hidden = hiddenState(builder.model);
    graph.output = graph.output.filter(({ name }) => name === hidden);
    pruneModel(builder.model);
    return hidden;
  }
  graph.output = [];
  // A head without layers gives vectors as wide as the base.
  const width = head?.layers.length === 0 ? "width" : labels.length;
  const shape = head?.pooling === "none" ? ["batch", "sequence", width] : ["batch", width];
  const output = builder.output(logits, { name: builder.unique(LOGITS), type: "float32", shape });
  pruneModel(builder.model);
  return output;
}
