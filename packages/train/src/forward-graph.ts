import type { Base } from "@graft/architectures";
import { injectPlan, type Plan } from "@graft/methods";
import { cloneModel, GraphBuilder, keepPacked, pruneModel, upgradeOpset, valueInfo } from "@graft/onnx";
import { type PassName, passesWithout } from "./passes.ts";
import { taskNamed } from "./tasks.ts";

/** The base with the method's tensors in it, and the task's head and loss. */
export interface ForwardGraph {
  readonly builder: GraphBuilder;
  /** Mean loss of the batch, float32 scalar. */
  readonly loss: string;
  /** Float32, what the head gives: [rows or chosen positions, classes] of a classifier. */
  readonly logits: string;
}

/** What the forward graph is made of. */
export interface ForwardOptions {
  readonly base: Pick<Base, "model" | "hiddenSize">;
  readonly plan: Plan;
  /** Of the loss; none in an evaluation. */
  readonly labelSmoothing?: number;
  /** Whether it is to be differentiated: dropout is for that alone. */
  readonly training?: boolean;
  /** Passes to leave out. */
  readonly without?: readonly PassName[];
}

/** Clones a base and adds method, head and loss; the base itself stays as it is. Trainables are graph inputs, outputs are for the caller to add. */
export function buildForward({ base, plan, labelSmoothing, training = false, without }: ForwardOptions): ForwardGraph {
  const model = cloneModel(base.model);
  upgradeOpset(model);
  const builder = new GraphBuilder(model);
  const logits = injectPlan(builder, plan, { hiddenSize: base.hiddenSize, training });
  keepPacked(builder);
  // What only other outputs of the base need would keep positions from being left out.
  builder.graph.output = [valueInfo(logits, "float32", [])];
  pruneModel(builder.model);
  builder.graph.output = [];
  for (const { forward } of passesWithout(without)) forward?.(builder);
  return { builder, logits, loss: taskNamed(plan.task.type).loss(builder, { logits, task: plan.task, labelSmoothing }) };
}
