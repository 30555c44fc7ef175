import type { TargetKind } from "@graft/format";
import { DataType, type GraphBuilder, intAttribute, type NodeProto } from "@graft/onnx";
import { isHalf } from "./edit-site.ts";
import type { Factors } from "./low-rank.ts";

/** What marks a value that no gradient passes, as metadata of the node that gives it. */
const STOP = { key: "graft.gradient", value: "stop" } as const;

/** Euclidean norm of every row of a matrix [rows, columns], in float64 until the root. */
export function rowNorms(values: Float32Array, { rows, columns }: { readonly rows: number; readonly columns: number }): Float32Array {
  return Float32Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let column = 0; column < columns; column++) sum += (values[row * columns + column] as number) ** 2;
    return Math.sqrt(sum);
  });
}

/** ‖W + scale · B·A‖ over the weights of each output, [out], in the graph of a layer; a constant for the gradient. */
export function appendNorms(
  builder: GraphBuilder,
  node: NodeProto,
  { a, b, scale, kind = "linear", rank }: Factors & { readonly kind?: TargetKind | undefined; readonly rank: number },
): string {
  const name = (part: string): string => `${node.name}/lora_norm/${part}`;
  const op = (type: string, inputs: readonly string[], attributes = {}): string =>
    builder.op(type, inputs, { name: name(type), attributes });
  const stored = kind === "embedding" ? (node.input[0] ?? "") : (node.input[1] ?? "");
  const weight = isHalf(builder.graph, node) ? op("Cast", [stored], { to: DataType.float32 }) : stored;
  const flat = (value: string, rows: number): string => (kind === "convolution" ? op("Reshape", [value, builder.int([rows, -1])]) : value);
  // A row per output, or a column per output: as the layer sees its weight.
  const byRow = kind === "convolution" || (node.opType === "Gemm" && intAttribute(node, "transB", 0) === 1);
  const turn = (value: string): string => op("Transpose", [value], { perm: [1, 0] });
  // 0 takes over the number of outputs.
  const product = byRow ? op("MatMul", [flat(b, 0), flat(a, rank)]) : op("MatMul", [turn(a), turn(b)]);
  const change = scale === 1 ? product : op("Mul", [product, builder.float(scale)]);
  const sum = op("Add", [flat(weight, 0), change]);
  const squares = op("ReduceSum", [op("Mul", [sum, sum]), builder.int([byRow ? 1 : 0])], { keepdims: 0 });
  const norms = op("Identity", [op("Sqrt", [squares])]);
  builder.graph.node.at(-1)?.metadataProps.push({ $typeName: "onnx.StringStringEntryProto", ...STOP });
  return norms;
}
