import { createModel, GraphBuilder, opsetVersion } from "@graft/onnx";
import { appendUpdate, type StateTensor } from "./append-update.ts";
import { buildGradients } from "./build-gradients.ts";
import type { StepGraph, StepOptions } from "./build-step.ts";
import { ACCUMULATION_INPUTS, STEP_OUTPUTS } from "./step-names.ts";

/** A step in runs: the graph itself adds up the gradients of one micro-batch, `update` applies their sum. */
export interface AccumulationGraph extends StepGraph {
  readonly update: Pick<StepGraph, "model" | "carry">;
  /** Sums of gradients: state that means nothing between two steps. */
  readonly sums: readonly StateTensor[];
}

/**
 * A step over a batch that comes in micro-batches. Each mean loss is weighted with the micro-batch's share of the rows that carry
 * one, so that the sum is the mean over the whole batch, and its gradient that of the large batch within rounding.
 * OPERATOR_WITHOUT_GRADIENT.
 */
export function buildAccumulation(options: StepOptions): AccumulationGraph {
  const { builder, loss, gradients } = buildGradients({ ...options, share: ACCUMULATION_INPUTS.share });
  const trained = options.plan.trainables;
  const keep = builder.input(ACCUMULATION_INPUTS.keep, "float32", []);
  const carry: Record<string, string> = {};
  const sums = trained.map(({ key, shape }): StateTensor => {
    const sum = builder.input(sumOf(key), "float32", shape);
    const next = builder.op("Add", [builder.op("Mul", [sum, keep]), gradients.get(key) ?? ""]);
    carry[builder.output(next, { type: "float32", shape })] = sum;
    return { key: sum, shape };
  });
  builder.output(loss, { name: STEP_OUTPUTS.loss, type: "float32", shape: [] });
  const { slots, ...update } = buildUpdate(options, opsetVersion(builder.model));
  return { model: builder.model, trained, slots, sums, carry, update };
}

/** Clipping and update over the summed gradients, as a graph of its own. */
function buildUpdate(options: StepOptions, opset: number): Omit<StepGraph, "trained"> {
  const builder = new GraphBuilder(createModel({ name: "update", opset }));
  const gradients = new Map<string, string>();
  for (const { key, shape } of options.plan.trainables) {
    builder.input(key, "float32", shape);
    gradients.set(key, builder.input(sumOf(key), "float32", shape));
  }
  const { slots, carry } = appendUpdate(builder, { ...options, gradients });
  return { model: builder.model, slots, carry };
}

function sumOf(key: string): string {
  return `${key}.sum`;
}
