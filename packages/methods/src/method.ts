import type { MethodReference } from "@graft/format";
import type { GraphBuilder } from "@graft/onnx";
import type { MethodOptions } from "./options.ts";
import type { Plan, PlanBase, PlannedTarget, Trainable } from "./plan.ts";

/** What a method plans; the head is planned apart and is the same for all. */
export interface MethodPlan {
  readonly method: MethodReference;
  readonly targets: readonly PlannedTarget[];
  readonly trainables: readonly Trainable[];
}

/** Factors of a target's delta: A [rank, in], B [out, rank]. */
export interface Factors {
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** One way to parametrise the difference. */
export interface Method<Options extends MethodOptions = MethodOptions> {
  readonly name: Options["name"];
  /** One line for people. */
  readonly description: string;
  /** `prefix` is the path of the base in the task's class, such as `bert`. TARGET_NOT_FOUND, USAGE. */
  plan(base: PlanBase, options: Options, prefix: string): MethodPlan;
  /** Adds the trainables to the graph as inputs named by their keys, and uses them; step 0 gives what the base gives. */
  inject(builder: GraphBuilder, plan: Pick<Plan, "targets" | "trainables">): void;
  /** What merging adds to a target, float32 [out, in]; absent where a method has whole tensors only. */
  delta?(
    target: { readonly in: number; readonly out: number; readonly rank: number; readonly scale: number },
    factors: Factors,
  ): Float32Array;
}
