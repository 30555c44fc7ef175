import type { CheckpointGraph } from "../checkpoint-graph.ts";

/** The module under which encoders keep their tables. */
export const EMBEDDINGS = "embeddings";

/** Numbers 0, 1, … for the positions of `input_ids`, int64 [sequence]. */
export function positionsFromStart(graph: CheckpointGraph): string {
  const { builder } = graph;
  const length = graph.op("Shape", ["input_ids"], { module: EMBEDDINGS, attributes: { start: 1, end: 2 } });
  return graph.op("Range", [builder.int(0), graph.op("Squeeze", [length], { module: EMBEDDINGS }), builder.int(1)], { module: EMBEDDINGS });
}

/**
 * Numbers that begin after the padding's own id and count what is no padding; padding has its id: int64 [batch, sequence].
 * As `create_position_ids_from_input_ids` of `transformers`, after fairseq.
 */
export function positionsAfterPadding(graph: CheckpointGraph, padId: number): string {
  const { builder } = graph;
  const padding = graph.op("Equal", ["input_ids", builder.int(padId)], { module: EMBEDDINGS });
  const real = graph.op("Cast", [graph.op("Not", [padding], { module: EMBEDDINGS })], { module: EMBEDDINGS, attributes: { to: 7 } });
  const counted = graph.op("Mul", [graph.op("CumSum", [real, builder.int(1)], { module: EMBEDDINGS }), real], { module: EMBEDDINGS });
  return graph.op("Add", [counted, builder.int(padId)], { module: EMBEDDINGS });
}

/** The sum of what the tables give. */
export function sumEmbeddings(graph: CheckpointGraph, parts: readonly string[]): string {
  return parts.reduce((sum, part) => graph.op("Add", [sum, part], { module: EMBEDDINGS }));
}

/** Token types of the rows, or the first type where nothing tells. */
export function typeEmbeddings(graph: CheckpointGraph, options: { fed: boolean }): string {
  return graph.embedding(options.fed ? "token_type_ids" : graph.builder.int(0), `${EMBEDDINGS}.token_type_embeddings`);
}
