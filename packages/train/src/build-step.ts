import type { ModelProto } from "@graft/onnx";
import { appendUpdate, type StateTensor, type UpdateOptions } from "./append-update.ts";
import { buildGradients } from "./build-gradients.ts";
import type { ForwardOptions } from "./forward-graph.ts";
import type { Precision } from "./mixed-precision.ts";
import { STEP_OUTPUTS } from "./step-names.ts";

/** One step of training as one graph, and how its state goes round. */
export interface StepGraph {
  readonly model: ModelProto;
  readonly trained: readonly StateTensor[];
  /** State inputs besides the trained tensors, zero at first. */
  readonly slots: readonly StateTensor[];
  /** Output → the state input that it is for the next run. */
  readonly carry: Readonly<Record<string, string>>;
}

/** What a step is made of. */
export interface StepOptions extends ForwardOptions, UpdateOptions {
  readonly plan: ForwardOptions["plan"];
  readonly precision?: Precision;
}

/** Builds forward pass, loss, gradients, clipping and update as one ONNX graph. OPERATOR_WITHOUT_GRADIENT. */
export function buildStep(options: StepOptions): StepGraph {
  const { builder, loss, gradients } = buildGradients(options);
  const { slots, carry } = appendUpdate(builder, { ...options, gradients });
  builder.output(loss, { name: STEP_OUTPUTS.loss, type: "float32", shape: [] });
  return { model: builder.model, trained: options.plan.trainables, slots, carry };
}
