import { GraphBuilder } from "../builder.ts";
import { GraphIndex } from "../graph-index.ts";
import { matrices } from "../matrices/matrices.ts";
import type { ModelProto, NodeProto } from "../proto/onnx_pb.ts";
import { pruneModel } from "../prune.ts";
import { inferShapes } from "../shapes/infer.ts";
import { operatorName } from "../shapes/rules.ts";
import { sortTopologically } from "../sort.ts";
import { opsetVersion } from "../versions.ts";
import type { Weights } from "../weights.ts";
import { lowerAttention } from "./attention.ts";
import { lowerEmbedLayerNormalization } from "./embed-layer-normalization.ts";
import type { Lowering } from "./lowering.ts";
import { lowerMultiHeadAttention } from "./multi-head-attention.ts";

/** What ONNX Runtime's optimisers fuse and we take apart: a packed weight hides the matrices that adapters are made for. */
const LOWERINGS: Readonly<Record<string, Lowering>> = {
  "com.microsoft.Attention": lowerAttention,
  "com.microsoft.EmbedLayerNormalization": lowerEmbedLayerNormalization,
  "com.microsoft.MultiHeadAttention": lowerMultiHeadAttention,
};

/** Axes are an input of Unsqueeze from here on. */
const OPSET = 13;

/**
 * Replaces fused operators by those that they stand for; packed weights are cut into the matrices that they were made of,
 * with their names where the module after them tells. A node in a form that is not known stays. Gives the names of the replaced nodes.
 */
export async function lowerFused(model: ModelProto, weights: Weights): Promise<string[]> {
  const { graph } = model;
  const fused = graph?.node.filter((node) => Object.hasOwn(LOWERINGS, operatorName(node))) ?? [];
  if (graph === undefined || fused.length === 0 || opsetVersion(model) < OPSET) return [];
  const facts = {
    types: inferShapes(model),
    index: new GraphIndex(graph),
    matrices: matrices(model),
    builder: new GraphBuilder(model),
    weights,
  };
  const replaced = new Set<NodeProto>();
  for (const node of fused) if ((await LOWERINGS[operatorName(node)]?.({ ...facts, node })) === true) replaced.add(node);
  if (replaced.size === 0) return [];
  graph.node = graph.node.filter((node) => !replaced.has(node));
  sortTopologically(graph);
  pruneModel(model);
  return Array.from(replaced, ({ name }) => name);
}
