import type { Dim } from "../types.ts";
import { call, splitOutside } from "./dim.ts";

/**
 * The size of two aligned dimensions together. One is taken to equal the other or to be 1: a number above 1 wins over a symbol,
 * and of two different symbols "broadcast(a,b)" remains.
 */
export function broadcastDim(a: Dim, b: Dim): Dim {
  if (a === b || b === 1) return a;
  if (a === 1) return b;
  if (typeof a === "number") return a;
  if (typeof b === "number") return b;
  return call("broadcast", [...parts(a), ...parts(b)]);
}

function parts(symbol: string): string[] {
  const inner = /^broadcast\((.*)\)$/.exec(symbol)?.[1];
  return inner === undefined ? [symbol] : splitOutside(inner, ",");
}

/** The shape that operands broadcast to; undefined when one shape is unknown. */
export function broadcastShapes(...shapes: readonly (readonly Dim[] | undefined)[]): Dim[] | undefined {
  let result: Dim[] = [];
  for (const shape of shapes) {
    if (shape === undefined) return undefined;
    const [long, short] = shape.length > result.length ? [shape, result] : [result, shape];
    const offset = long.length - short.length;
    result = long.map((dim, axis) => (axis < offset ? dim : broadcastDim(dim, short[axis - offset] as Dim)));
  }
  return result;
}
