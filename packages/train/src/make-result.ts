import type { TrainingReceipt } from "@graft/format";
import type { Plan } from "@graft/methods";
import type { Feeds } from "@graft/runtime";
import type { Tensor } from "@graft/safetensors";
import type { Settings } from "./defaults.ts";
import type { Evaluated, Evaluator } from "./evaluator.ts";
import { makeAdapter } from "./make-adapter.ts";
import type { TrainOptions } from "./options.ts";
import { makeReceipt } from "./receipt.ts";
import type { TrainResult } from "./result.ts";
import type { Task } from "./tasks/task.ts";

/** Everything that is known when training is over. */
export interface Finished {
  readonly options: TrainOptions;
  readonly settings: Settings;
  readonly plan: Plan;
  readonly task: Task;
  readonly steps: number;
  readonly evaluator: Evaluator;
  readonly final: Evaluated;
}

/** What PEFT puts before every key. */
const PREFIX = "base_model.model.";

/** Makes the receipt and, from the final weights, the result: pre-training gives a checkpoint, all else an adapter. */
export async function makeResult(finished: Finished): Promise<{ receipt: TrainingReceipt; result: TrainResult }> {
  const { plan, final } = finished;
  const receipt = await makeReceipt(finished);
  const whole = plan.method.name === "full" && plan.task.type === "masked-language-modelling";
  const tensors = tensorsOf(final.weights);
  if (!whole) return { receipt, result: await makeAdapter(finished, { receipt, tensors }) };
  return {
    receipt,
    result: { kind: "checkpoint", tensors: new Map([...tensors].map(([key, tensor]) => [key.slice(PREFIX.length), tensor])) },
  };
}

function tensorsOf(weights: Feeds): Map<string, Tensor> {
  return new Map(
    Object.entries(weights).map(([key, { dims, data }]) => [
      key,
      { dtype: "F32", shape: dims, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) },
    ]),
  );
}
