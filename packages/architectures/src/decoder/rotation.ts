import type { CheckpointGraph } from "../checkpoint-graph.ts";
import type { Rope } from "./rope.ts";

const MODULE = "rotary_emb";

/** Cosine and sine of the angles, [batch, sequence, 1, headSize / 2]. */
export interface Tables {
  readonly cosine: string;
  readonly sine: string;
}

/** Computes the tables once for all layers; `factor` scales what is turned with them. */
export function rotationTables(graph: CheckpointGraph, rope: Rope, positions: string): (factor: number) => Tables {
  const { builder } = graph;
  const op = (opType: string, inputs: readonly string[]): string => graph.op(opType, inputs, { module: MODULE });
  const places = graph.op("Cast", [positions], { module: MODULE, attributes: { to: 1 } });
  const frequencies = frequenciesOf(graph, rope, places);
  const angles = op("Mul", [op("Reshape", [places, builder.int([0, 0, 1, 1])]), frequencies]);
  const [cosine, sine] = [op("Cos", [angles]), op("Sin", [angles])];
  const made = new Map<number, Tables>();
  return (factor) => {
    const scale = factor * rope.scale;
    if (scale === 1) return { cosine, sine };
    const known = made.get(scale);
    if (known !== undefined) return known;
    const tables = { cosine: op("Mul", [cosine, builder.float(scale)]), sine: op("Mul", [sine, builder.float(scale)]) };
    made.set(scale, tables);
    return tables;
  };
}

/** Turns each pair (i, i + headSize / 2) of heads [batch, sequence, heads, headSize]. */
export function rotate(graph: CheckpointGraph, heads: string, options: { module: string; tables: Tables; headSize: number }): string {
  const { cosine, sine } = options.tables;
  const half = options.headSize / 2;
  const module = `${options.module}.rotary`;
  const op = (opType: string, inputs: readonly string[]): string => graph.op(opType, inputs, { module });
  const [left = "", right = ""] = graph.builder.ops("Split", [heads, graph.builder.int([half, half])], {
    name: `/${module.replaceAll(/\.(?!\d)/g, "/")}/Split`,
    attributes: { axis: -1 },
    outputs: 2,
  });
  const first = op("Sub", [op("Mul", [left, cosine]), op("Mul", [right, sine])]);
  const second = op("Add", [op("Mul", [right, cosine]), op("Mul", [left, sine])]);
  return graph.op("Concat", [first, second], { module, attributes: { axis: -1 } });
}

function frequenciesOf(graph: CheckpointGraph, rope: Rope, places: string): string {
  const { builder } = graph;
  if (rope.kind === "fixed") return builder.float(rope.frequencies);
  const op = (opType: string, inputs: readonly string[], attributes?: Record<string, number>): string =>
    graph.op(opType, inputs, { module: MODULE, ...(attributes === undefined ? {} : { attributes }) });
  const longest = op("Add", [op("ReduceMax", [places], { keepdims: 0 }), builder.float(1)]);
  if (rope.kind === "long")
    return op("Where", [op("Greater", [longest, builder.float(rope.trained)]), builder.float(rope.long), builder.float(rope.short)]);
  const { theta, factor, trained, size } = rope;
  // θ · (factor · length / trained − (factor − 1))^(d / (d − 2)); nothing changes up to the trained length.
  const reached = op("Max", [longest, builder.float(trained)]);
  const stretch = op("Sub", [op("Mul", [reached, builder.float(factor / trained)]), builder.float(factor - 1)]);
  const base = op("Mul", [op("Pow", [stretch, builder.float(size / (size - 2))]), builder.float(theta)]);
  return op("Pow", [base, builder.float(Array.from({ length: size / 2 }, (_, index) => (-2 * index) / size))]);
}
