import type { CheckpointGraph } from "../checkpoint-graph.ts";

const MODULE = "positions";

/** Sequence lengths as vectors of one number: of the tokens given, of all that are attended to, and of those that came before. */
export interface Lengths {
  readonly given: string;
  readonly total: string;
  readonly before: string | undefined;
}

/** The lengths in a graph with or without a cache; with one, the mask covers what came before too. */
export function lengths(graph: CheckpointGraph, options: { cache: boolean }): Lengths {
  const size = (value: string): string => graph.op("Shape", [value], { module: MODULE, attributes: { start: 1, end: 2 } });
  const given = size("input_ids");
  if (!options.cache) return { given, total: given, before: undefined };
  const total = size("attention_mask");
  return { given, total, before: graph.op("Sub", [total, given], { module: MODULE }) };
}

/**
 * Position of each given token, int64 [batch, sequence]: how many tokens of its row come before it. Padding counts for
 * nothing on either side, as in `generate` of `transformers`.
 */
export function positionIds(graph: CheckpointGraph, { total, before }: Lengths): string {
  const { builder } = graph;
  const counted = graph.op("CumSum", ["attention_mask", builder.int(1)], { module: MODULE });
  const places = graph.op("Max", [graph.op("Sub", [counted, builder.int(1)], { module: MODULE }), builder.int(0)], { module: MODULE });
  return before === undefined ? places : graph.op("Slice", [places, before, total, builder.int([1])], { module: MODULE });
}

/**
 * 0 where attention may look and the lowest float32 where it may not, [batch, 1, copies · sequence, total]: only at tokens up to
 * a position's own, with a window only at the last so many. `copies` repeat the rows, for heads that share keys.
 */
export function causalMask(
  graph: CheckpointGraph,
  { total, before }: Pick<Lengths, "total" | "before">,
  options: { window?: number | undefined; copies?: number },
): string {
  const { builder } = graph;
  const module = "attention_mask";
  const op = (opType: string, inputs: readonly string[], attributes?: Record<string, number>): string =>
    graph.op(opType, inputs, { module, ...(attributes === undefined ? {} : { attributes }) });
  const scalar = (value: string): string => op("Squeeze", [value, builder.int([0])]);
  const keys = op("Range", [builder.int(0), scalar(total), builder.int(1)]);
  const queries = before === undefined ? keys : op("Range", [scalar(before), scalar(total), builder.int(1)]);
  const column = op("Unsqueeze", [queries, builder.int([1])]);
  const past = op("LessOrEqual", [keys, column]);
  const near =
    options.window === undefined ? past : op("And", [past, op("Greater", [keys, op("Sub", [column, builder.int(options.window)])])]);
  const real = op("Unsqueeze", [op("Cast", ["attention_mask"], { to: 9 }), builder.int([1, 2])]);
  const seen = op("And", [near, real]);
  const mask = op("Where", [seen, builder.float(0), builder.float(-3.4028234663852886e38)]);
  const { copies = 1 } = options;
  return copies === 1
    ? mask
    : op(
        "Concat",
        Array.from({ length: copies }, () => mask),
        { axis: 2 },
      );
}
