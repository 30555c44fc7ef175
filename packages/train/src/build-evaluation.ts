import { inferShapes, type ModelProto } from "@graft/onnx";
import { buildForward, type ForwardOptions } from "./forward-graph.ts";

/** Outputs of the evaluation graph: mean loss, the most likely class of each row, and the logits for who asks for them. */
export const EVALUATION_OUTPUTS = { loss: "loss", predictions: "predictions", logits: "logits" } as const;

/** The forward pass alone, with the loss, as a graph of its own. */
export function buildEvaluation(options: ForwardOptions): ModelProto {
  const { builder, loss, logits } = buildForward(options);
  const predictions = builder.op("ArgMax", [logits], { attributes: { axis: -1, keepdims: 0 } });
  builder.output(loss, { name: EVALUATION_OUTPUTS.loss, type: "float32", shape: [] });
  const axes = inferShapes(builder.model).get(logits)?.shape?.length ?? 2;
  const rows = ["rows", "positions", "columns"].slice(0, axes - 1);
  builder.output(predictions, { name: EVALUATION_OUTPUTS.predictions, type: "int64", shape: rows });
  builder.output(logits, { name: EVALUATION_OUTPUTS.logits, type: "float32", shape: [...rows, "classes"] });
  return builder.model;
}
