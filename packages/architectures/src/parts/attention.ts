import type { CheckpointGraph } from "../checkpoint-graph.ts";

/** How a width is divided among heads. */
export interface Heads {
  readonly heads: number;
  readonly headSize: number;
}

/** Modules of the three projections, as whole paths. */
export interface Projections {
  readonly query: string;
  readonly key: string;
  readonly value: string;
}

/** Order of the axes [batch, sequence, heads, size] once the width is split. */
export const ROWS = [0, 2, 1, 3] as const;
/** For keys, which a product takes transposed: [batch, heads, size, sequence]. */
export const COLUMNS = [0, 2, 3, 1] as const;

/** The lowest float32: what is added to the score of a position that must not be seen. */
const LOWEST = -3.4028234663852886e38;

/** 0 where attention may look and the lowest float32 where it may not, [batch, 1, 1, sequence]. */
export function additiveMask({ builder }: CheckpointGraph): string {
  const kept = builder.op("Cast", ["attention_mask"], { name: "/attention_mask/Cast", attributes: { to: 1 } });
  const spread = builder.op("Unsqueeze", [kept, builder.int([1, 2])], { name: "/attention_mask/Unsqueeze" });
  const hidden = builder.op("Sub", [builder.float(1), spread], { name: "/attention_mask/Sub" });
  return builder.op("Mul", [hidden, builder.float(LOWEST)], { name: "/attention_mask/Mul" });
}

/** A value [batch, sequence, heads · size] with an axis for the heads. */
export function splitHeads(graph: CheckpointGraph, value: string, options: Heads & { module: string; axes: readonly number[] }): string {
  const { module, heads, headSize, axes } = options;
  const split = graph.op("Reshape", [value, graph.builder.int([0, 0, heads, headSize])], { module });
  return graph.op("Transpose", [split], { module: `${module}.heads`, attributes: { perm: axes } });
}

/** softmax(scores + mask) · value with the heads side by side again: [batch, sequence, heads · size]. */
export function attend(
  graph: CheckpointGraph,
  { scores, value, mask }: { scores: string; value: string; mask?: string | undefined },
  options: Heads & { module: string },
): string {
  const { module, heads, headSize } = options;
  const masked = mask === undefined ? scores : graph.op("Add", [scores, mask], { module });
  const weights = graph.op("Softmax", [masked], { module, attributes: { axis: -1 } });
  const context = graph.op("Transpose", [graph.op("MatMul", [weights, value], { module })], { module, attributes: { perm: ROWS } });
  return graph.op("Reshape", [context, graph.builder.int([0, 0, heads * headSize])], { module });
}

/** softmax(q · kᵀ / √d + mask) · v; the scale goes on the query, the smallest of the tensors it could go on. */
export function selfAttention(
  graph: CheckpointGraph,
  input: string,
  options: Heads & { module: string; projections: Projections; mask?: string | undefined },
): string {
  const { module, projections, mask, heads, headSize } = options;
  const size = { heads, headSize };
  const scale = graph.builder.float(1 / Math.sqrt(headSize));
  const scaled = graph.op("Mul", [graph.linear(input, projections.query), scale], { module });
  const query = splitHeads(graph, scaled, { module: projections.query, axes: ROWS, ...size });
  const key = splitHeads(graph, graph.linear(input, projections.key), { module: projections.key, axes: COLUMNS, ...size });
  const value = splitHeads(graph, graph.linear(input, projections.value), { module: projections.value, axes: ROWS, ...size });
  return attend(graph, { scores: graph.op("MatMul", [query, key], { module }), value, mask }, { module, ...size });
}
