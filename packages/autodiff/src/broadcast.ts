import type { Dim } from "@graft/onnx";
import type { GradientOps } from "./gradient-ops.ts";

/** Undoes broadcasting: sums a gradient of shape `from` over the axes along which the value `to` was repeated. */
export function sumTo(g: GradientOps, gradient: string, { from, to }: { from: readonly Dim[] | undefined; to: string }): string {
  const target = g.shape(to);
  const axes = from && target && repeatedAxes(from, target);
  if (axes === undefined) return sumToAtRunTime(g, gradient, { from, to });
  const { added, stretched } = axes;
  if (stretched.length === 0) return g.reduceSum(gradient, added, { keepdims: false });
  const sum = g.reduceSum(gradient, [...added, ...stretched], { keepdims: true });
  return added.length === 0 ? sum : g.op("Squeeze", [sum, g.int(added)]);
}

/** The axes that broadcasting added in front, and those that it stretched from 1; undefined when only the run can tell. */
function repeatedAxes(from: readonly Dim[], target: readonly Dim[]): { added: number[]; stretched: number[] } | undefined {
  const offset = from.length - target.length;
  const added = Array.from({ length: offset }, (_, axis) => axis);
  const stretched: number[] = [];
  for (const [index, dim] of target.entries()) {
    const wide = from[index + offset];
    if (dim === wide) continue;
    if (dim === 1) stretched.push(index + offset);
    else if (typeof dim === "string" && wide !== 1) return undefined;
  }
  return { added, stretched };
}

function sumToAtRunTime(g: GradientOps, gradient: string, { from, to }: { from: readonly Dim[] | undefined; to: string }): string {
  const [narrow, wide] = [g.shapeOf(to), g.shapeOf(gradient)];
  const rank = g.shape(to)?.length;
  const added = from && rank !== undefined ? from.length - rank : undefined;
  const missing = added !== undefined ? g.int([added]) : g.sub(g.shapeOf(wide), g.shapeOf(narrow));
  const padded = g.op("Concat", [g.op("Expand", [g.int([1]), missing]), narrow], { axis: 0 });
  const repeated = g.op("Not", [g.equal(padded, wide)]);
  const axes = g.reshape(g.op("NonZero", [repeated]), g.int([-1]));
  const sum = g.op("ReduceSum", [gradient, axes], { keepdims: 1, noop_with_empty_axes: 1 });
  if (added === undefined) return g.reshape(sum, narrow);
  return added === 0 ? sum : g.op("Squeeze", [sum, g.int(Array.from({ length: added }, (_, axis) => axis))]);
}
