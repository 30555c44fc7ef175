import { KEY_PREFIX, loraKeys } from "./keys.ts";
import type { Target } from "./manifest.ts";

/** What a tensor of a target is for: the pair A and B, the magnitude of each output (`dora`), a scaling vector (`ia3`). */
export type TargetPart = "a" | "b" | "magnitude" | "vector";

/** One tensor that an adapter holds for a target. */
export interface TargetTensor {
  readonly part: TargetPart;
  readonly key: string;
  readonly shape: readonly number[];
}

/** What the tensors of a target follow from. */
export type TargetForm = Pick<Target, "module" | "in" | "out" | "kind" | "kernel" | "rank" | "side">;

/** The fields of a target that its method decides. */
export type MethodField = "rank" | "alpha" | "scale" | "side";

/** What a method with targets stores for each. */
interface TargetLayout {
  /** Fields that a target must have; it must not have the others. */
  readonly fields: readonly MethodField[];
  /** In the order in which they are trained; keys and orientations are PEFT's. */
  tensors(target: TargetForm): TargetTensor[];
}

const LOW_RANK: readonly MethodField[] = ["rank", "alpha", "scale"];

/** The layout of a target by method; a method that is not here has no targets. */
export const TARGET_LAYOUTS: Readonly<Record<string, TargetLayout>> = {
  lora: { fields: LOW_RANK, tensors: pair },
  dora: {
    fields: LOW_RANK,
    tensors: (target) => [
      ...pair(target),
      { part: "magnitude", key: `${KEY_PREFIX}${target.module}.lora_magnitude_vector`, shape: channels(target, target.out) },
    ],
  },
  ia3: { fields: ["side"], tensors: scaling },
};

/** The tensors that an adapter of a method holds for one target; none for a method that has no targets. */
export function targetTensors(method: string, target: TargetForm): TargetTensor[] {
  return Object.hasOwn(TARGET_LAYOUTS, method) ? (TARGET_LAYOUTS[method]?.tensors(target) ?? []) : [];
}

/** A reduces, B widens: [rank, in] and [out, rank]; of a convolution, its kernel and one of size 1. */
function pair({ module, kind, kernel = [], rank = 0, in: columns, out }: TargetForm): TargetTensor[] {
  const keys = loraKeys(module, kind);
  const inputs = columns / kernel.reduce((product, size) => product * size, 1);
  return [
    { part: "a", key: keys.a, shape: [rank, inputs, ...kernel] },
    { part: "b", key: keys.b, shape: [out, rank, ...kernel.map(() => 1)] },
  ];
}

/** A vector over inputs or outputs, as PEFT lays it along the weight. */
function scaling(target: TargetForm): TargetTensor[] {
  const { module, side, kind, in: columns, out, kernel = [] } = target;
  const size = side === "input" ? columns / kernel.reduce((product, one) => product * one, 1) : out;
  const shape = kind === "convolution" ? channels(target, size) : side === "input" ? [1, size] : [size, 1];
  return [{ part: "vector", key: `${KEY_PREFIX}${module}.ia3_l`, shape }];
}

/** A value for each channel, ready to be multiplied with [batch, channels, …] of a convolution. */
function channels({ kind, kernel = [] }: TargetForm, size: number): number[] {
  return kind === "convolution" ? [1, size, ...kernel.map(() => 1)] : [size];
}
