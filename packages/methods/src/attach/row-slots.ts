import type { AttachSlot, MergeTarget } from "../method.ts";
import { transposed } from "../transposed.ts";

/** What the shapes of a target's inputs follow from. */
export type RowLayer = Pick<MergeTarget, "kind" | "kernel" | "in" | "out">;

/** A slot's values of one adapter, laid as `rowShape` says; `undefined` for one that leaves the target alone. */
export interface SlotEntry {
  readonly rank: number;
  readonly values: Float32Array | undefined;
}

/**
 * Shape of one adapter's part of a slot's input, which holds any number of them along an axis before it: a pair lies turned,
 * [in, rank] and [rank, out], so that rows are multiplied with it as it is; that of a convolution as in the adapter.
 */
export function rowShape<Rank extends number | string>(layer: RowLayer, slot: AttachSlot, rank: Rank): (number | Rank)[] {
  const { kind, kernel = [], in: columns, out } = layer;
  const ones = kernel.map(() => 1);
  const inputs = columns / kernel.reduce((product, size) => product * size, 1);
  if (slot === "a") return kind === "convolution" ? [rank, inputs, ...kernel] : [columns, rank];
  if (slot === "b") return kind === "convolution" ? [out, rank, ...ones] : [rank, out];
  return [1, slot === "inputGain" ? inputs : out, ...ones];
}

/** A slot's values as its method gives them (A [rank, in], B [out, rank], a vector), laid for `rowShape`. */
export function turnSlot(layer: RowLayer, slot: AttachSlot, { rank, values }: { rank: number; values: Float32Array }): Float32Array {
  if (layer.kind === "convolution" || (slot !== "a" && slot !== "b")) return values;
  const [rows, columns] = slot === "a" ? [rank, layer.in] : [layer.out, rank];
  return transposed(values, { rows, columns });
}

/** Puts the parts of several adapters into one input, [adapters, …]: smaller ranks are filled up with zeros, and a slot without values changes nothing. */
export function stackSlot(
  layer: RowLayer,
  slot: AttachSlot,
  entries: readonly SlotEntry[],
): { readonly dims: readonly number[]; readonly values: Float32Array } {
  // Only dense layers can do without a rank: a table's rows and a convolution's channels must be some.
  const least = layer.kind === undefined ? 0 : 1;
  const rank = Math.max(least, ...entries.map((entry) => (entry.values === undefined ? 0 : entry.rank)));
  const shape = rowShape(layer, slot, rank);
  const dims = [entries.length, ...shape];
  const [only] = entries;
  const pair = slot === "a" || slot === "b";
  if (entries.length === 1 && only?.values !== undefined && (!pair || only.rank === rank)) return { dims, values: only.values };
  const size = shape.reduce((product, one) => product * one, 1);
  const values = new Float32Array(size * entries.length);
  // What lies behind the rank in memory: rows of the tensor are filled up where the rank is inside.
  const inside = layer.kind === "convolution" ? slot === "b" : slot === "a";
  for (const [index, { rank: own, values: given }] of entries.entries()) {
    const place = values.subarray(index * size, (index + 1) * size);
    if (given === undefined) place.fill(pair ? 0 : 1);
    else if (!pair || !inside || own === rank) place.set(given);
    else for (let row = 0; row * own < given.length; row++) place.set(given.subarray(row * own, (row + 1) * own), row * rank);
  }
  return { dims, values };
}
