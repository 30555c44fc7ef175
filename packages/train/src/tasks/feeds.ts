import type { ModelProto } from "@graft/onnx";
import type { Task } from "./task.ts";

/** What a text becomes. Graphs do without some of it: DistilBERT and most RoBERTas know no token types. */
const TEXT: ReadonlySet<string> = new Set(["input_ids", "attention_mask", "token_type_ids"]);

/** A task whose batches feed a base only what its graph takes. */
export function fedTo(model: ModelProto, task: Task): Task {
  const inputs = new Set(model.graph?.input.map(({ name }) => name));
  return {
    ...task,
    batch: async (part, options) => {
      const batch = await task.batch(part, options);
      return { ...batch, feeds: Object.fromEntries(Object.entries(batch.feeds).filter(([name]) => inputs.has(name) || !TEXT.has(name))) };
    },
  };
}
