import { constantPath, DataType, type GraphBuilder, GraphIndex, inferShapes, type NodeProto } from "@graft/onnx";

/** Products with the base's frozen matrices in float16, or all in float32. */
export type Precision = "full" | "mixed";

/** What the loss is multiplied with, so that small gradients do not vanish in float16; its largest number is 65,504. */
export const LOSS_SCALE = 1024;

const PRODUCTS: ReadonlySet<string> = new Set(["MatMul", "FusedMatMul"]);

/**
 * Computes every product with a frozen matrix in float16 and everything else in float32: normalisations, sums, the loss,
 * and the trained tensors with their gradients (arXiv 1710.03740). Each value is narrowed once, a matrix when the session opens.
 */
export function narrowProducts(builder: GraphBuilder): void {
  const { graph } = builder;
  const index = new GraphIndex(graph);
  const types = inferShapes(builder.model);
  const narrowed = new Map<string, string>();
  const nodes: NodeProto[] = [];
  const before = graph.node;
  for (const node of before) {
    const [a = "", b = ""] = node.input;
    const frozen = [a, b].filter((value) => constantPath(index, value) !== undefined);
    const wide = [a, b].every((value) => types.get(value)?.type === DataType.float32);
    if (!PRODUCTS.has(node.opType) || frozen.length !== 1 || !wide) {
      nodes.push(node);
      continue;
    }
    graph.node = [];
    for (const [place, value] of [a, b].entries()) {
      const half = narrowed.get(value) ?? builder.op("Cast", [value], { name: `${value}/float16`, attributes: { to: DataType.float16 } });
      narrowed.set(value, half);
      node.input[place] = half;
    }
    const [output = ""] = node.output;
    const product = builder.unique(`${node.name}/float16`);
    node.output[0] = product;
    graph.node.push(node);
    builder.op("Cast", [product], { name: `${node.name}/float32`, attributes: { to: DataType.float32 }, outputs: [output] });
    nodes.push(...graph.node);
  }
  graph.node = nodes;
}
