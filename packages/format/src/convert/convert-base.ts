import type { Digest } from "@graft/digest";
import type { Head } from "../head.ts";
import type { BaseReference, Target, Task } from "../manifest.ts";
import type { TargetPart } from "../target-tensors.ts";

/** A matrix of the base that can be a target. */
export interface ConvertMatrix extends Pick<Target, "in" | "out" | "kind" | "kernel"> {
  /** Path in the base. */
  readonly module: string;
  readonly digest: Digest;
  /** Whether other modules compute with the same stored weight. */
  readonly shared: boolean;
}

/** Values of a tensor of the base, as PEFT orients it. */
export interface ConvertTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A weight [out, in] and the bias beside it. */
export interface ConvertWeights {
  readonly weight: Float32Array;
  readonly bias?: Float32Array;
}

/** Values of a target's tensors by what they are for. */
export type ConvertValues = Readonly<Partial<Record<TargetPart, Float32Array>>>;

/** How a task's head attaches, and the tensors it is made of. */
export interface ConvertHead {
  readonly head: Head;
  /** What the manifest says of its outputs. */
  readonly task: Pick<Task, "activation" | "threshold">;
  readonly tensors: readonly {
    readonly key: string;
    readonly module: string;
    readonly shape: readonly number[];
    /** The base's own values, where it has the layer. */
    readonly start?: () => Promise<Float32Array>;
  }[];
}

/** What a conversion asks of a base; modules are named as the adapter names them, with or without the prefix of a task's class. */
export interface ConvertBase {
  readonly reference: BaseReference;
  /** Path of the base in the class of a task, such as `bert`. */
  readonly prefix: string;
  readonly matrices: readonly ConvertMatrix[];
  /** The matrix of a module. */
  matrix(module: string): ConvertMatrix | undefined;
  /** A tensor of a module; undefined where the base has none. */
  tensor(module: string, part: "weight" | "bias"): Promise<ConvertTensor | undefined>;
  /** The head of a task's class for so many outputs; undefined where the task has none. */
  head(task: string, outputs: number): ConvertHead | undefined;
  /** Names of so many labels. */
  labels(count: number): readonly string[];
  /** What merging makes of a weight [out, in] and its bias, by the method of that name. */
  merge(method: string, target: Target, options: { readonly current: ConvertWeights; readonly values: ConvertValues }): ConvertWeights;
  /** What PEFT starts from by `pissa` and `olora`, and takes out of the weight: factors A [rank, in] and B [out, rank] of W's own. */
  factors(kind: "pissa" | "olora", weight: ConvertTensor, rank: number): { readonly a: Float32Array; readonly b: Float32Array };
}
