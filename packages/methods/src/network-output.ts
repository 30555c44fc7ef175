import { GraftError } from "@graft/error";
import { type GraphProto, intAttribute, type ModelProto } from "@graft/onnx";
import type { NetworkTask } from "./plan-task.ts";

/** Name of the graph's output that a network is trained by. USAGE where there are several and none is named, or none of that name. */
export function networkOutput(model: ModelProto, { output }: NetworkTask): string {
  const names = model.graph?.output.map(({ name }) => name) ?? [];
  const [only = "", ...others] = output === undefined ? names : names.filter((name) => name === output);
  if (only !== "" && others.length === 0) return only;
  throw new GraftError("USAGE", `Cannot choose the output: ${output === undefined ? "there are several" : `there is no "${output}"`}`, {
    hint: `Name one of ${names.map((name) => `"${name}"`).join(", ")}`,
  });
}

/** The value that the loss is taken of: for classes, what an output's last Softmax reads. */
export function networkLogits(graph: GraphProto, { output, objective }: { output: string; objective: NetworkTask["objective"] }): string {
  const node = graph.node.find((candidate) => candidate.output.includes(output));
  const probabilities = objective === "classes" && node?.opType === "Softmax";
  if (!probabilities) return output;
  const rank = graph.output.find(({ name }) => name === output)?.type;
  const dims = rank?.value.case === "tensorType" ? rank.value.value.shape?.dim.length : undefined;
  const axis = intAttribute(node, "axis", -1);
  return axis === -1 || axis + 1 === dims ? (node.input[0] ?? output) : output;
}
