import type { CheckpointGraph } from "../checkpoint-graph.ts";
import { attend, COLUMNS, type Heads, type Projections, ROWS, splitHeads } from "./attention.ts";
import { logBucket } from "./log-bucket.ts";

/** How DeBERTa scores distances. */
export interface RelativePositions {
  /** Distances told apart in each direction; their table has 2 · span rows. */
  readonly span: number;
  /** Where given, near distances are told apart one by one and far ones by their logarithm. */
  readonly buckets?: number;
  /** Largest distance. */
  readonly most: number;
  /** Distances go through the projections of the words. */
  readonly sharedKey: boolean;
  readonly normalised: boolean;
  readonly contentToPosition: boolean;
  readonly positionToContent: boolean;
}

/** The table of distances [2 · span, hidden], and which of its rows each pair of positions has: int64 [batch, heads, sequence, sequence]. */
export interface Distances {
  readonly rows: string;
  readonly places: string;
}

/** The table of distances, normalised where the model does so. */
export function relativeEmbeddings(graph: CheckpointGraph, options: { relative: RelativePositions; epsilon: number }): string {
  const rows = graph.parameter("encoder.rel_embeddings.weight");
  return options.relative.normalised ? graph.layerNorm(rows, "encoder.LayerNorm", options.epsilon) : rows;
}

/** The row of the distance i − j for each query i and key j, looked up in a table over all distances. */
export function relativePlaces(
  graph: CheckpointGraph,
  options: { relative: RelativePositions; sizes: { maxPositions: number; heads: number } },
): string {
  const { relative, sizes } = options;
  const { builder } = graph;
  const module = "encoder.rel_pos";
  const reach = sizes.maxPositions - 1;
  const rows = Array.from({ length: 2 * reach + 1 }, (_, index) => rowOf(index - reach, relative));
  const shape = graph.op("Shape", ["input_ids"], { module });
  const length = graph.op("Gather", [shape, builder.int([1])], { module });
  const line = graph.op("Range", [builder.int(0), graph.op("Squeeze", [length], { module }), builder.int(1)], { module });
  const column = graph.op("Unsqueeze", [graph.op("Add", [line, builder.int(reach)], { module }), builder.int([1])], { module });
  const distances = graph.op("Sub", [column, line], { module });
  const places = graph.op("Gather", [builder.int(rows), distances], { module });
  const batch = graph.op("Gather", [shape, builder.int([0])], { module });
  const whole = graph.op("Concat", [batch, builder.int([sizes.heads]), length, length], { module, attributes: { axis: 0 } });
  return graph.op("Expand", [places, whole], { module });
}

function rowOf(distance: number, { span, buckets, most }: RelativePositions): number {
  const bucket = buckets === undefined ? distance : logBucket(distance, { buckets, most });
  return Math.min(Math.max(bucket + span, 0), 2 * span - 1);
}

/**
 * softmax((q · kᵀ + q · Kᵀ[i − j] + Q[i − j] · kᵀ) / √(parts · d) + mask) · v, where K and Q are projected distances.
 * The scale goes on both queries.
 */
export function disentangledAttention(
  graph: CheckpointGraph,
  input: string,
  options: {
    module: string;
    projections: Projections;
    mask: string;
    sizes: Heads;
    scoreParts: number;
    relative: RelativePositions | undefined;
    distances: Distances | undefined;
  },
): string {
  const { module, projections, mask, relative, distances } = options;
  const { heads, headSize } = options.sizes;
  const scale = graph.builder.float(1 / Math.sqrt(headSize * options.scoreParts));
  const scaled = (value: string, scope: string): string => graph.op("Mul", [value, scale], { module: scope });
  const words = (projection: string, value: string, axes: readonly number[]): string =>
    splitHeads(graph, value, { module: projection, axes, heads, headSize });
  const query = words(projections.query, scaled(graph.linear(input, projections.query), module), ROWS);
  const key = words(projections.key, graph.linear(input, projections.key), COLUMNS);
  const value = words(projections.value, graph.linear(input, projections.value), ROWS);
  let scores = graph.op("MatMul", [query, key], { module });
  const add = (score: string, axis: number): void => {
    const picked = graph.op("GatherElements", [score, distances?.places ?? ""], { module, attributes: { axis } });
    scores = graph.op("Add", [scores, picked], { module });
  };
  /** Distances as heads, [heads, size, rows] or [heads, rows, size]. */
  const places = (projection: string, scope: string, axes: readonly number[]): string => {
    const projected = graph.linear(distances?.rows ?? "", projection);
    const split = graph.op(
      "Reshape",
      [scope === "query" ? scaled(projected, `${module}.pos`) : projected, graph.builder.int([0, heads, headSize])],
      {
        module: `${module}.pos_${scope}`,
      },
    );
    return graph.op("Transpose", [split], { module: `${module}.pos_${scope}.heads`, attributes: { perm: axes } });
  };
  if (relative?.contentToPosition === true) {
    const projection = relative.sharedKey ? projections.key : `${module}.pos_key_proj`;
    add(graph.op("MatMul", [query, places(projection, "key", [1, 2, 0])], { module }), 3);
  }
  if (relative?.positionToContent === true) {
    const projection = relative.sharedKey ? projections.query : `${module}.pos_query_proj`;
    add(graph.op("MatMul", [places(projection, "query", [1, 0, 2]), key], { module }), 2);
  }
  return attend(graph, { scores, value, mask }, { module, heads, headSize });
}
