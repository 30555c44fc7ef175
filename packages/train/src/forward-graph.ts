import { LOSSES } from "@graft/autodiff";
import type { Base } from "@graft/architectures";
import { injectPlan, type Plan } from "@graft/methods";
import { cloneModel, GraphBuilder } from "@graft/onnx";
import { IGNORED } from "./masking.ts";
import { narrowPositions } from "./narrow-positions.ts";

/** The base with the method's tensors in it, and the task's head and loss. */
export interface ForwardGraph {
  readonly builder: GraphBuilder;
  /** Mean loss of the batch, float32 scalar. */
  readonly loss: string;
  /** Float32, [rows or masked positions, classes]. */
  readonly logits: string;
}

/** What the forward graph is made of. */
export interface ForwardOptions {
  readonly base: Pick<Base, "model" | "hiddenSize">;
  readonly plan: Plan;
}

/** Input of the true classes: int64 [rows or masked positions]; IGNORED counts for nothing. */
export const LABELS = "labels";

/** Clones a base and adds method, head and loss; the base itself stays as it is. Trainables are graph inputs, outputs are for the caller to add. */
export function buildForward({ base, plan }: ForwardOptions): ForwardGraph {
  const builder = new GraphBuilder(cloneModel(base.model));
  const logits = injectPlan(builder, plan, base);
  builder.graph.output.length = 0;
  narrowPositions(builder);
  const labels = builder.input(LABELS, "int64", ["labels"]);
  return { builder, logits, loss: LOSSES.crossEntropy(builder, { logits, labels, ignoreIndex: IGNORED }) };
}
