import type { Head, Manifest, MethodReference, TargetPart } from "@graft/format";
import type { GraphBuilder, Weights } from "@graft/onnx";
import type { BaseShapes } from "./base-shapes.ts";
import type { MethodOptions } from "./options.ts";
import type { Plan, PlanBase, PlannedTarget, Trainable } from "./plan.ts";

/** What the base computes for words of the rows that are learnt from, by the name of a value: [words, width], float32, words one after the other. */
export type Observe = (values: readonly string[]) => Promise<ReadonlyMap<string, Float32Array>>;

/** A base that a method may look at before training. */
export interface PreparedBase extends PlanBase {
  readonly weights: Weights;
  /** Absent where nothing can be run. */
  readonly observe?: Observe | undefined;
}

/** What a method plans; the head is planned apart and is the same for all. */
export interface MethodPlan {
  readonly method: MethodReference;
  readonly targets: readonly PlannedTarget[];
  readonly trainables: readonly Trainable[];
  /** Share of every branch's input that is left out in training. */
  readonly dropout?: number;
}

/** Values of a target's tensors by what they are for, float32, in the shapes that the format gives them. */
export type TargetValues = Readonly<Partial<Record<TargetPart, Float32Array>>>;

/** A target of a plan or of a manifest. */
export type MergeTarget = Pick<Manifest["targets"][number], "module" | "in" | "out" | "kind" | "kernel" | "rank" | "scale" | "side">;

/** A matrix [out, in] and the vector [out] that is added to what it gives, float32. */
export interface TargetWeights {
  readonly weight: Float32Array;
  readonly bias?: Float32Array;
}

/** What is put into a graph: a plan, or what a manifest says of one. */
export interface InjectedPlan {
  readonly method: Readonly<Record<string, unknown>>;
  readonly targets: readonly PlannedTarget[];
  readonly trainables: readonly Omit<Trainable, "init">[];
  /** The head that will read the hidden state. */
  readonly head?: Pick<Head, "pooling"> | undefined;
}

/** What goes between the parts of a graph while it is trained; absent where it is only run. */
export interface InjectContext {
  /** Leaves out a part of what a branch takes; the name is for the nodes that do it. */
  readonly dropout?: ((value: string, name: string) => string) | undefined;
}

/**
 * What an adapter feeds beside a target that stays as it is: a pair A and B with the scale in B; what the product is multiplied
 * with (`gain` before the bias is added, `outputGain` after); what the input is multiplied with.
 */
export type AttachSlot = "a" | "b" | "gain" | "inputGain" | "outputGain";

/** How a method is attached to a target. */
export interface TargetAttachment {
  slots(target: MergeTarget): readonly AttachSlot[];
  /** Values of the slots, in float32; `weight` reads the target's matrix [out, in]. */
  values(
    target: MergeTarget,
    values: TargetValues,
    weight: () => Promise<Float32Array>,
  ): Promise<Partial<Record<AttachSlot, Float32Array>>>;
}

/** One way to parametrise the difference. */
export interface Method<Options extends MethodOptions = MethodOptions> {
  readonly name: Options["name"];
  /** One line for people. */
  readonly description: string;
  /** Highest learning rate of a run that says nothing else. */
  readonly learningRate: number;
  /** What the head's learning rate is of the method's, where what it trains wants other steps than a head; 1 when absent. */
  readonly headRate?: number;
  /** `prefix` is the path of the base in the task's class, such as `bert`. TARGET_NOT_FOUND, USAGE. */
  plan(base: PlanBase, options: Options, prefix: string): MethodPlan;
  /** Adds the trainables to the graph as inputs named by their keys, and uses them; step 0 gives what the base gives, unless `changesAtStart` says why not. */
  inject(builder: GraphBuilder, plan: InjectedPlan, context?: InjectContext): void;
  /** Positions of the base's longest row that the method takes; `method` is the options, or what a manifest says of them. */
  positions?(method: Readonly<Record<string, unknown>>): number;
  /** Looks at the base before training, for starts that follow from its weights or from what it computes. */
  prepare?(plan: Plan, base: PreparedBase): Promise<Plan>;
  /** Makes what is saved of what was trained, where that is not the same. */
  finish?(
    plan: Plan,
    values: ReadonlyMap<string, Float32Array>,
  ): { readonly plan: Plan; readonly values: ReadonlyMap<string, Float32Array> };
  /** Exact count of trained numbers without the head, by formula over shapes alone. */
  count(shapes: BaseShapes, options: Options): number;
  /** What merging adds to a target, float32 [out, in]; for methods whose difference is a sum. */
  delta?(target: MergeTarget, values: TargetValues): Float32Array;
  /** What merging makes of a target; without it, its weight + delta. */
  merge?(target: MergeTarget, current: TargetWeights, values: TargetValues): TargetWeights;
  /** How an adapter is put beside a base that stays as it is; absent where a method has no targets. */
  readonly attachment?: TargetAttachment;
  /** Why there is no merge; absent where `delta`, `merge` or replacements say what it does. */
  readonly unmergeable?: string;
  /** Why step 0 does not give what the base gives. */
  readonly changesAtStart?: string;
}
