import type { Dim } from "../types.ts";

/** What is known of a value before the model runs. */
export interface ValueType {
  /** Element type (`DataType`); 0 when unknown. */
  readonly type: number;
  /** Undefined when not even the rank is known. A dimension that nothing names gets a symbol of its own. */
  readonly shape: readonly Dim[] | undefined;
  /** The elements, row-major, where they are few and known; integers may be symbolic, booleans are 0 and 1. */
  readonly value?: readonly Dim[] | undefined;
}

/** A value of which nothing is known. */
export const UNKNOWN: ValueType = { type: 0, shape: undefined };

/** Values with more elements than this are not followed: shapes and axes are far smaller. */
const VALUE_ELEMENTS = 1024;

/** The number of elements of a shape that is known and small enough for its values to be followed, else undefined. */
export function smallSize(shape: readonly Dim[] | undefined): number | undefined {
  let size = 1;
  for (const dim of shape ?? [Infinity]) {
    if (typeof dim !== "number") return undefined;
    size *= dim;
  }
  return size <= VALUE_ELEMENTS ? size : undefined;
}
