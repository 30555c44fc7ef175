import type { CheckpointGraph } from "../checkpoint-graph.ts";
import { type CacheShape, type GraphOutput, hiddenOutput } from "../family.ts";
import type { AttendResult } from "./attend.ts";

/** Sizes and names that the end of a decoder needs. */
interface EndOptions {
  readonly hiddenSize: number;
  readonly vocabSize: number;
  /** Name of the table of word embeddings, whose rows are the language head's too where it is tied. */
  readonly table: string;
  readonly tied: boolean;
  readonly cache: CacheShape | undefined;
  /** What each layer keeps. */
  readonly present: readonly AttendResult["present"][];
}

/** `last_hidden_state` and `logits` [batch, sequence, vocabulary]; with a cache, the logits of the last position and what is to be kept. */
export function decoderOutputs(graph: CheckpointGraph, hidden: string, options: EndOptions): GraphOutput[] {
  const { hiddenSize, vocabSize, table, tied, cache, present } = options;
  // A base class that was saved alone has no language head.
  if (!tied && !graph.has("lm_head.weight")) return [hiddenOutput(hidden, hiddenSize)];
  const head = (input: string): string => graph.linear(input, "lm_head", { bias: false, weight: tied ? table : "lm_head.weight" });
  if (cache === undefined) {
    return [
      hiddenOutput(hidden, hiddenSize),
      { name: "logits", type: "float32", shape: ["batch", "sequence", vocabSize], value: head(hidden) },
    ];
  }
  const last = graph.op("Gather", [hidden, graph.builder.int([-1])], { module: "lm_head", attributes: { axis: 1 } });
  return [
    { name: "logits", type: "float32", shape: ["batch", 1, vocabSize], value: head(last) },
    ...present.flatMap((parts, layer) =>
      parts.map(({ part, value }): GraphOutput => ({
        name: `present.${layer}.${part}`,
        type: "float32",
        shape: ["batch", cache.heads, "total", cache.headSize],
        value,
      })),
    ),
  ];
}
