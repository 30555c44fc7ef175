import type { GradientOps } from "./gradient-ops.ts";

/**
 * Gives a value of the shape of `from` the shape of `to`. Where dimensions agree or can be worked out, the shape is a constant,
 * so that `to` itself need not stay in memory until the backward pass.
 */
export function reshapeLike(g: GradientOps, value: string, { from, to }: { from: string; to: string }): string {
  const [source, target] = [g.shape(from), g.shape(to)];
  if (source === undefined || target === undefined) return g.reshape(value, g.shapeOf(to));
  const dims = target.map((dim, axis) => (typeof dim === "number" ? dim : dim === source[axis] ? 0 : -1));
  const inferred = dims.filter((dim) => dim === -1).length;
  return inferred > 1 || target.includes(0) || (inferred > 0 && source.includes(0))
    ? g.reshape(value, g.shapeOf(to))
    : g.reshape(value, g.int(dims), { zeros: dims.includes(0) });
}
