import { cloneModel, encodeModel, GraphBuilder, type ModelProto } from "@graft/onnx";
import type { Base } from "@graft/architectures";
import { injectPlan, type Plan } from "@graft/methods";
import { type Feeds, floatValue, intValue } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";

/** Two rows, the second padded. */
const ROWS: Feeds = {
  input_ids: intValue([2, 4], [1, 5, 7, 2, 3, 9, 0, 0]),
  attention_mask: intValue([2, 4], [1, 1, 1, 1, 1, 1, 0, 0]),
  token_type_ids: intValue([2, 4], [0, 0, 1, 1, 0, 0, 0, 0]),
};

/** Runs a model once and gives an output's values. */
export async function run(model: ModelProto, options: { folder: string; feeds?: Feeds; output: string }): Promise<Float32Array> {
  const session = await openSession(encodeModel(model), { folder: options.folder, threads: 1 });
  try {
    const outputs = await session.run({ ...ROWS, ...options.feeds }, { fetches: [options.output] });
    return outputs[options.output]?.data as Float32Array;
  } finally {
    await session.close();
  }
}

/** Injects a plan and gives the hidden states and the logits for some values of the trainables. */
export async function runPlan(
  base: Base,
  plan: Plan,
  values: ReadonlyMap<string, Float32Array>,
): Promise<{ hidden: Float32Array; logits: Float32Array }> {
  const model = cloneModel(base.model);
  const builder = new GraphBuilder(model);
  const logits = builder.output(injectPlan(builder, plan, base), { name: "logits", type: "float32", shape: ["rows", "labels"] });
  const feeds: Record<string, Feeds[string]> = Object.fromEntries(
    plan.trainables.map(({ key, shape }) => [key, floatValue(shape, values.get(key) as Float32Array)]),
  );
  if (plan.task.type === "masked-language-modelling") feeds["masked_positions"] = intValue([3], [1, 2, 5]);
  return {
    hidden: await run(model, { folder: base.folder, feeds, output: "last_hidden_state" }),
    logits: await run(model, { folder: base.folder, feeds, output: logits }),
  };
}
