import type { Head, MethodReference, TargetForm } from "@graft/format";
import type { ModelProto, TensorProto } from "@graft/onnx";
import type { PackedPart } from "./packed.ts";
import type { InitialPair } from "./pissa.ts";
import type { LanguageHead } from "./language-head.ts";
import type { PlanTask } from "./plan-task.ts";

/** What planning needs of a base. */
export interface PlanBase {
  readonly model: ModelProto;
  readonly hiddenSize: number;
  /** Name of the family; without one, BERT's conventions hold. */
  readonly family?: string;
  /** What config.json says, where the head of a family follows it. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** One place where a target's product is computed: names of its input and output in the graph. */
export interface Site {
  readonly input: string;
  readonly output: string;
}

/** A matrix that is adapted, under its path in the class of the task; what the manifest says of it, and where it is in the graph. */
export interface PlannedTarget extends TargetForm {
  readonly initializer: string;
  readonly alpha?: number | undefined;
  /** What B·A is multiplied with. */
  readonly scale?: number | undefined;
  /** Initializer of the vector that is added to its product. */
  readonly bias?: string | undefined;
  /** Parts of a packed projection, each with a pair of its own: `rank` is that of all of them. */
  readonly parts?: readonly PackedPart[] | undefined;
  /** What the pair starts with and the base is without. */
  readonly initial?: InitialPair | undefined;
  readonly sites: readonly Site[];
}

/** How a trainable starts. */
export type Init =
  | { readonly kind: "zeros" }
  | { readonly kind: "ones" }
  | { readonly kind: "gaussian"; readonly deviation: number }
  /** Uniform within ± 1 / √fanIn: Kaiming's bound for a = √5. */
  | { readonly kind: "kaiming"; readonly fanIn: number }
  /** The base's own values; `transposed` when the base stores [in, out]. */
  | { readonly kind: "base"; readonly tensor: TensorProto; readonly transposed: boolean }
  | { readonly kind: "values"; readonly values: Float32Array }
  /** Euclidean norm of every output's weights. */
  | { readonly kind: "norms"; readonly tensor: TensorProto; readonly orientation: "in_out" | "out_in" };

/** A tensor that is trained: a graph input named by its adapter key, float32. */
export interface Trainable {
  readonly key: string;
  readonly shape: readonly number[];
  /** `added` stands beside the base and replaces nothing of it. */
  readonly role: "target" | "head" | "replacement" | "added";
  readonly module: string;
  readonly init: Init;
  /** Numbers of it that are trained; all of them when absent. */
  readonly count?: number;
  /** What the learning rate is multiplied with for it; 1 when absent. */
  readonly rate?: number;
  /** The base's initializer that it stands for. */
  readonly initializer?: string;
}

/** Everything that a method does to a base, known before anything is trained. */
export interface Plan {
  /** As the manifest says it. */
  readonly method: MethodReference;
  readonly task: PlanTask;
  readonly targets: readonly PlannedTarget[];
  readonly trainables: readonly Trainable[];
  /** How the head attaches; absent for masked-language modelling, whose head no manifest describes. */
  readonly head?: Head;
  /** The head of masked-language modelling. */
  readonly languageHead?: LanguageHead;
  /** Share of every branch's input that is left out in training. */
  readonly dropout?: number;
  /** Exact count of trained numbers. */
  readonly parameters: number;
}

/** Count of numbers in the trainables. */
export function countParameters(trainables: readonly Trainable[]): number {
  return trainables.reduce((sum, { shape, count }) => sum + (count ?? shape.reduce((product, size) => product * size, 1)), 0);
}
