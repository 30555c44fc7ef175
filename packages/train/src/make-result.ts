import type { TrainingReceipt } from "@graft/format";
import type { Feeds } from "@graft/runtime";
import type { Tensor } from "@graft/safetensors";
import type { Evaluated } from "./evaluator.ts";
import { makeAdapter } from "./make-adapter.ts";
import { makeReceipt } from "./receipt.ts";
import type { TrainResult } from "./result.ts";
import type { Run } from "./run.ts";

/** Everything that is known when training is over. */
export interface Finished {
  readonly run: Run;
  /** Steps done. */
  readonly steps: number;
  /** The weights that are the result. */
  readonly final: Evaluated;
}

/** What PEFT puts before every key. */
const PREFIX = "base_model.model.";

/** Makes the receipt and, from the final weights, the result: pre-training gives a checkpoint, all else an adapter. */
export async function makeResult(finished: Finished): Promise<{ receipt: TrainingReceipt; result: TrainResult }> {
  const { run, final } = finished;
  const { plan } = run;
  const receipt = makeReceipt(finished, await run.references());
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
