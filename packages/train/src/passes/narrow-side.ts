import { type GraphBuilder, GraphIndex, inferShapes, intAttribute, intsAttribute, type NodeProto, type ValueType } from "@graft/onnx";
import type { Pass } from "./pass.ts";

/** A product Aᵀ·B of two tall matrices whose transpose is all that anybody reads. */
interface Found {
  readonly product: NodeProto;
  readonly transpose: NodeProto;
}

/**
 * (Aᵀ·B)ᵀ = Bᵀ·A: the gradient of LoRA's A comes out as it is stored, and the operand that is read transposed is the one of `rank`
 * columns instead of the layer's. Four times as fast on [2048, 384]ᵀ · [2048, 8].
 */
export const narrowSide: Pass = {
  about: "the gradient of LoRA's A with the narrow operand transposed",
  step(builder: GraphBuilder, kept: ReadonlySet<string>): void {
    const { graph } = builder;
    const context = { index: new GraphIndex(graph), types: inferShapes(builder.model) };
    const found = graph.node.flatMap((node) => foundAt(node, { ...context, kept }) ?? []);
    const gone = new Set<NodeProto>();
    for (const { product, transpose } of found) {
      product.input.reverse();
      product.output = [...transpose.output];
      gone.add(transpose);
    }
    graph.node = graph.node.filter((node) => !gone.has(node));
  },
};

function foundAt(
  transpose: NodeProto,
  { index, types, kept }: { index: GraphIndex; types: ReadonlyMap<string, ValueType>; kept: ReadonlySet<string> },
): Found | undefined {
  const [value = ""] = transpose.input;
  const product = index.producer(value);
  if (transpose.opType !== "Transpose" || product?.opType !== "FusedMatMul" || kept.has(value)) return undefined;
  if (intsAttribute(transpose, "perm")?.join() !== "1,0" || index.consumers(value).length > 1) return undefined;
  const flags = ["transA", "transB", "transBatchA", "transBatchB"].map((name) => intAttribute(product, name, 0)).join("");
  const [wide, narrow] = product.input.map((input) => types.get(input)?.shape);
  if (flags !== "1000" || wide?.length !== 2 || narrow?.length !== 2) return undefined;
  const [from, to] = [wide[1], narrow[1]];
  return typeof from === "number" && typeof to === "number" && from > to ? { product, transpose } : undefined;
}
