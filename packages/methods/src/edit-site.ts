import type { TargetKind } from "@graft/format";
import { DataType, type GraphBuilder, type GraphProto, type NodeProto } from "@graft/onnx";
import { elementType, placeAfter, producerOf, sourceTensor } from "./graph-edits.ts";

/** Operators that add a bias themselves, as their third input. */
const WITH_BIAS: ReadonlySet<string> = new Set(["Gemm", "Conv"]);

/** Operators that take codes, and behind them the scales in the type that they compute in. */
const PACKED: ReadonlySet<string> = new Set(["MatMulNBits", "MatMulBnb4"]);

/** What stands in a product's place: made of the product, by nodes appended to the graph. */
export type Change = (product: string, node: NodeProto) => string;

/** Puts something in the place of a value; whoever read the value reads what `change` makes of it, under the same name. */
export function changeValue(builder: GraphBuilder, output: string, change: Change): void {
  const { graph } = builder;
  const start = graph.node.length;
  const node = producerOf(graph, output);
  const product = builder.unique(`${output}_base`);
  node.output[node.output.indexOf(output)] = product;
  const result = change(product, node);
  const last = producerOf(graph, result);
  last.output[last.output.indexOf(result)] = output;
  placeAfter(graph, product, start);
}

/** The same for the product of a layer without its bias: an operator that adds one itself is parted from it. */
export function changeProduct(builder: GraphBuilder, output: string, change: Change): void {
  changeValue(builder, output, (product, node) => {
    const bias = WITH_BIAS.has(node.opType) ? (node.input[2] ?? "") : "";
    if (bias === "") return change(product, node);
    node.input.length = 2;
    const name = `${node.name}/bias`;
    const spread = node.opType === "Conv" ? alongChannels(builder, bias, { name, node }) : bias;
    return builder.op("Add", [change(product, node), spread], { name: `${name}_Add` });
  });
}

/** A layer's vector over channels of what it takes or gives, as [size] or laid along a convolution's channels. */
export interface SiteScale {
  readonly kind: TargetKind | undefined;
  readonly bias?: string | undefined;
  readonly vector: string;
}

/** Multiplies what a layer takes with a vector. */
export function scaleInput(builder: GraphBuilder, output: string, { kind, vector }: SiteScale): void {
  scaleInputWith(builder, { output }, (value, node) => {
    const factor = alongInput(builder, vector, { kind, node, name: `${node.name}/input_scale` });
    return builder.op("Mul", [value, factor], { name: `${node.name}/input_scale/Mul` });
  });
}

/** Puts something in the place of what a layer takes, for this layer alone. */
export function scaleInputWith(builder: GraphBuilder, { output }: { readonly output: string }, change: Change): void {
  const { graph } = builder;
  const node = producerOf(graph, output);
  const start = graph.node.length;
  node.input[0] = change(node.input[0] ?? "", node);
  const added = graph.node.splice(start);
  graph.node.splice(graph.node.indexOf(node), 0, ...added);
}

/** Multiplies what a layer gives, its bias included, with a vector. */
export function scaleOutput(builder: GraphBuilder, output: string, { kind, bias, vector }: SiteScale): void {
  scaleOutputWith(builder, { output, bias }, (value, layer) => {
    const factor = alongInput(builder, vector, { kind, node: layer, name: `${layer.name}/output_scale` });
    return builder.op("Mul", [value, factor], { name: `${layer.name}/output_scale/Mul` });
  });
}

/** Puts something in the place of what a layer gives, its bias included. */
export function scaleOutputWith(
  builder: GraphBuilder,
  { output, bias }: { readonly output: string; readonly bias?: string | undefined },
  change: Change,
): void {
  const layer = producerOf(builder.graph, output);
  changeValue(builder, biasedOutput(builder.graph, output, bias), (value) => change(value, layer));
}

/** [1, size], [size, 1] and [size] become [size]; a convolution's is [1, channels, 1…] already. */
function alongInput(
  builder: GraphBuilder,
  vector: string,
  { kind, node, name }: { kind: TargetKind | undefined; node: NodeProto; name: string },
): string {
  const flat = kind === "convolution" ? vector : builder.op("Reshape", [vector, builder.int([-1])], { name: `${name}/Reshape` });
  return asComputed(builder, flat, { node, name });
}

/** The value in which a layer's bias is in: what an `Add` behind the product gives, or the product itself. */
function biasedOutput(graph: GraphProto, output: string, bias: string | undefined): string {
  if (bias === undefined) return output;
  const add = graph.node.find(
    (node) => node.opType === "Add" && node.input.includes(output) && node.input.some((input) => sourceTensor(graph, input)?.name === bias),
  );
  return add?.output[0] ?? output;
}

/** Whether a layer computes in float16: what is trained beside it is float32. */
export function isHalf(graph: GraphProto, node: NodeProto): boolean {
  const weight = node.opType === "Gather" ? node.input[0] : PACKED.has(node.opType) ? node.input[2] : node.input[1];
  return elementType(graph, weight ?? "") === DataType.float16;
}

/** A float32 value in the type that a layer computes in. */
export function asComputed(builder: GraphBuilder, value: string, { node, name }: { node: NodeProto; name: string }): string {
  return isHalf(builder.graph, node) ? builder.op("Cast", [value], { name: `${name}/Cast`, attributes: { to: DataType.float16 } }) : value;
}

/** A vector over channels, shaped to be added to [batch, channels, …]. */
function alongChannels(builder: GraphBuilder, vector: string, { name, node }: { name: string; node: NodeProto }): string {
  const kernel = builder.graph.initializer.find((tensor) => tensor.name === node.input[1])?.dims.length ?? 4;
  return builder.op("Reshape", [vector, builder.int([-1, ...Array.from({ length: kernel - 2 }, () => 1)])], { name });
}
