import type { CheckpointGraph } from "../checkpoint-graph.ts";

/** What attention is over: [batch, sequence, heads · headSize] or [batch, sequence, heads, headSize]; the query is scaled already. */
export interface Attended {
  readonly query: string;
  readonly key: string;
  readonly value: string;
}

/** Sizes of one layer's attention, its mask, and which layer of the cache it uses. */
export interface AttendOptions {
  readonly module: string;
  readonly mask: string;
  readonly heads: number;
  /** Heads of keys and values; each serves heads / sharedHeads queries. */
  readonly sharedHeads: number;
  readonly headSize: number;
  /** Layer of the cache; undefined without one. */
  readonly cached: number | undefined;
}

/** What attention gives, [batch, sequence, heads · headSize], and the keys and values to be kept. */
export interface AttendResult {
  readonly context: string;
  readonly present: readonly { readonly part: "key" | "value"; readonly value: string }[];
}

/**
 * softmax(q · kᵀ + mask) · v. Queries that share keys become rows of one product, so that keys and values are never
 * repeated: [batch, sharedHeads, group · sequence, headSize].
 */
export function attend(graph: CheckpointGraph, { query, key, value }: Attended, options: AttendOptions): AttendResult {
  const { module, mask, heads, sharedHeads, headSize, cached } = options;
  const { builder } = graph;
  const group = heads / sharedHeads;
  const op = (opType: string, inputs: readonly string[], attributes?: Record<string, number | readonly number[]>): string =>
    graph.op(opType, inputs, { module, ...(attributes === undefined ? {} : { attributes }) });
  const split = (input: string, part: string, perm: readonly number[]): string =>
    graph.op("Transpose", [graph.op("Reshape", [input, builder.int([0, 0, sharedHeads, headSize])], { module: `${module}.${part}` })], {
      module: `${module}.${part}.heads`,
      attributes: { perm },
    });
  const queries = group === 1 ? split(query, "query", [0, 2, 1, 3]) : grouped();
  const [keys, values, present] = cached === undefined ? fresh() : joined(cached);
  const weights = op("Softmax", [op("Add", [op("MatMul", [queries, keys]), mask])], { axis: -1 });
  const mixed = op("MatMul", [weights, values]);
  const rows =
    group === 1
      ? op("Transpose", [mixed], { perm: [0, 2, 1, 3] })
      : op("Transpose", [op("Reshape", [mixed, builder.int([0, sharedHeads, group, -1, headSize])])], { perm: [0, 3, 1, 2, 4] });
  return { context: op("Reshape", [rows, builder.int([0, 0, heads * headSize])]), present };

  function grouped(): string {
    const apart = graph.op("Reshape", [query, builder.int([0, 0, sharedHeads, group, headSize])], { module: `${module}.query` });
    const turned = graph.op("Transpose", [apart], { module: `${module}.query.heads`, attributes: { perm: [0, 2, 3, 1, 4] } });
    return graph.op("Reshape", [turned, builder.int([0, sharedHeads, -1, headSize])], { module: `${module}.query.heads` });
  }

  function fresh(): [keys: string, values: string, present: AttendResult["present"]] {
    return [split(key, "key", [0, 2, 3, 1]), split(value, "value", [0, 2, 1, 3]), []];
  }

  function joined(layer: number): [keys: string, values: string, present: AttendResult["present"]] {
    const append = (input: string, part: "key" | "value"): string =>
      graph.op("Concat", [`past_key_values.${layer}.${part}`, split(input, part, [0, 2, 1, 3])], {
        module: `${module}.${part}.cache`,
        attributes: { axis: 2 },
      });
    const [allKeys, allValues] = [append(key, "key"), append(value, "value")];
    const turned = graph.op("Transpose", [allKeys], { module: `${module}.key.cache`, attributes: { perm: [0, 1, 3, 2] } });
    return [
      turned,
      allValues,
      [
        { part: "key", value: allKeys },
        { part: "value", value: allValues },
      ],
    ];
  }
}
