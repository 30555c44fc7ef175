import type { GraphBuilder } from "../builder.ts";
import { intAttribute } from "../attributes.ts";
import { GraphIndex } from "../graph-index.ts";
import type { ModelProto, NodeProto } from "../proto/onnx_pb.ts";
import { sortTopologically } from "../sort.ts";
import { tensorDims } from "../tensor-bytes.ts";
import { DataType } from "../types.ts";
import { isPacked } from "./codes.ts";
import { frozenValue } from "./frozen-value.ts";
import { nBitsForm, NF4, packedWeight } from "./packed-product.ts";

/**
 * Writes quantised weights so that they can be trained through and still lie in memory packed: products that unpack inside
 * become an unpacking and a plain product; rows of a table are picked before they are unpacked; and what unpacks begins with a
 * `DequantizeLinear`, the one operator that ONNX Runtime leaves alone where it computes constants ahead. Tells whether the
 * graph has any.
 */
export function keepPacked(builder: GraphBuilder): boolean {
  const index = new GraphIndex(builder.graph);
  let found = false;
  for (const node of index.nodes.slice()) {
    if (packedWeight(index, node) !== undefined) replaceProduct(builder, node);
    else if (isPackedTable(index, node)) pickRows(builder, { index, node });
    else if (node.opType === "Cast" && isCode(index, node.input[0] ?? "")) replaceCast(builder, node);
    else if (node.opType !== "DequantizeLinear" || !isCode(index, node.input[0] ?? "")) continue;
    found = true;
  }
  if (found) sortTopologically(builder.graph);
  return found;
}

/** Whether a graph unpacks quantised weights while it runs. */
export function unpacksWeights({ graph }: ModelProto): boolean {
  if (graph === undefined) return false;
  const index = new GraphIndex(graph);
  return graph.node.some(({ opType, input }) => opType === "DequantizeLinear" && isCode(index, input[0] ?? ""));
}

function isPackedTable(index: GraphIndex, { opType, domain, input, attribute }: NodeProto): boolean {
  if (opType !== "Gather" || domain !== "" || attribute.some(({ name, i }) => name === "axis" && i !== 0n)) return false;
  return index.constant(input[1] ?? "") === undefined && frozenValue(index, input[0] ?? "") !== undefined;
}

function isCode(index: GraphIndex, value: string): boolean {
  const tensor = index.constant(value);
  return tensor !== undefined && isPacked(tensor);
}

/** Codes as float32, one for one. */
function unpacked(builder: GraphBuilder, codes: string, name: string): string {
  return builder.op("DequantizeLinear", [codes, builder.float(1)], { name: `${name}/DequantizeLinear` });
}

function replaceCast(builder: GraphBuilder, node: NodeProto): void {
  const to = intAttribute(node, "to", DataType.float32);
  const [codes = ""] = node.input;
  builder.graph.node = builder.graph.node.filter((one) => one !== node);
  if (to === DataType.float32) builder.op("DequantizeLinear", [codes, builder.float(1)], { name: node.name, outputs: node.output });
  else builder.op("Cast", [unpacked(builder, codes, node.name)], { name: node.name, outputs: node.output, attributes: { to } });
}

function replaceProduct(builder: GraphBuilder, node: NodeProto): void {
  const [x = ""] = node.input;
  const weight = node.opType === "MatMulNBits" ? nBits(builder, node) : nf4(builder, node);
  const bias = node.opType === "MatMulNBits" ? (node.input[5] ?? "") : "";
  builder.graph.node = builder.graph.node.filter((one) => one !== node);
  const product = { domain: "com.microsoft", attributes: { transB: 1 }, name: node.name };
  if (bias === "") builder.op("FusedMatMul", [x, weight], { ...product, outputs: node.output });
  else builder.op("Add", [builder.op("FusedMatMul", [x, weight], product), bias], { name: `${node.name}/Add`, outputs: node.output });
}

/** Two codes in each byte as float32, along a new last axis; `first` says which half comes first. */
function halves(builder: GraphBuilder, codes: string, { name, first }: { name: string; first: "low" | "high" }): string {
  const op = (opType: string, inputs: readonly string[], attributes = {}): string =>
    builder.op(opType, inputs, { name: `${name}/${opType}`, attributes });
  const both = op("Unsqueeze", [unpacked(builder, codes, name), builder.int([-1])]);
  const high = op("Floor", [op("Mul", [both, builder.float(1 / 16)])]);
  const low = op("Sub", [both, op("Mul", [high, builder.float(16)])]);
  return op("Concat", first === "low" ? [low, high] : [high, low], { axis: -1 });
}

/** The weight [N, K] of a `MatMulNBits`. */
function nBits(builder: GraphBuilder, node: NodeProto): string {
  const { out, in: columns, bits, block, blocks } = nBitsForm(node);
  const [, codes = "", scales = "", zeros = ""] = node.input;
  const op = (opType: string, inputs: readonly string[], attributes = {}): string =>
    builder.op(opType, inputs, { name: `${node.name}/${opType}`, attributes });
  const numbers = (packed: string): string =>
    bits === 8 ? unpacked(builder, packed, node.name) : halves(builder, packed, { name: node.name, first: "low" });
  const values = op("Reshape", [numbers(codes), builder.int([out, blocks, block])]);
  const each = 8 / bits;
  const width = Math.ceil(blocks / each) * each;
  const zero = (): string => {
    if (zeros === "") return builder.float(2 ** (bits - 1));
    if (!isCode(new GraphIndex(builder.graph), zeros)) return op("Reshape", [zeros, builder.int([out, blocks, 1])]);
    const rows = op("Reshape", [numbers(zeros), builder.int([out, width])]);
    return op("Reshape", [op("Slice", [rows, builder.int([0]), builder.int([blocks]), builder.int([1])]), builder.int([out, blocks, 1])]);
  };
  const scaled = op("Mul", [op("Sub", [values, zero()]), op("Reshape", [scales, builder.int([out, blocks, 1])])]);
  const whole = op("Reshape", [scaled, builder.int([out, blocks * block])]);
  return blocks * block === columns ? whole : op("Slice", [whole, builder.int([0]), builder.int([columns]), builder.int([1])]);
}

/** The weight [N, K] of a `MatMulBnb4`. */
function nf4(builder: GraphBuilder, node: NodeProto): string {
  const [, codes = "", maxima = ""] = node.input;
  const block = intAttribute(node, "block_size", 64);
  const op = (opType: string, inputs: readonly string[], attributes = {}): string =>
    builder.op(opType, inputs, { name: `${node.name}/${opType}`, attributes });
  const numbers = op("Reshape", [halves(builder, codes, { name: node.name, first: "high" }), builder.int([-1, block])]);
  const values = op("Gather", [builder.float(NF4), op("Cast", [numbers], { to: DataType.int32 })], { axis: 0 });
  const scaled = op("Mul", [values, op("Reshape", [maxima, builder.int([-1, 1])])]);
  return op("Reshape", [scaled, builder.int([intAttribute(node, "N", 0), intAttribute(node, "K", 0)])]);
}

/** Picks rows of the codes and unpacks those, where a whole table is unpacked for a few of its rows. */
function pickRows(builder: GraphBuilder, { index, node }: { index: GraphIndex; node: NodeProto }): void {
  const [table = "", ids = ""] = node.input;
  const picked = rowsOf(builder, table, { index, ids });
  if (picked === undefined) return;
  builder.graph.node = builder.graph.node.filter((one) => one !== node);
  builder.op("Identity", [picked], { name: node.name, outputs: node.output });
}

/** Operators whose rows are made of the same rows of what they take. */
const ROWWISE: ReadonlySet<string> = new Set(["Cast", "Identity", "Mul", "Sub", "Add", "Div"]);

function rowsOf(builder: GraphBuilder, value: string, { index, ids }: { index: GraphIndex; ids: string }): string | undefined {
  const tensor = index.constant(value);
  if (tensor !== undefined) {
    const dims = tensorDims(tensor);
    if (dims.length < 2 || dims[0] === 1) return value;
    return builder.op("Gather", [value, ids], { name: `${value}/Gather`, attributes: { axis: 0 } });
  }
  const node = index.producer(value);
  if (node === undefined) return undefined;
  const perTensor = node.opType === "DequantizeLinear" && node.input.slice(1).every((name) => tensorDimsOf(index, name)?.length === 0);
  if (!ROWWISE.has(node.opType) && !perTensor) return undefined;
  const inputs = node.input.map((name, place) => (perTensor && place > 0 ? name : rowsOf(builder, name, { index, ids })));
  if (inputs.some((name) => name === undefined)) return undefined;
  return builder.op(node.opType, inputs as string[], { name: `${node.name}/rows`, attributes: attributesOf(node) });
}

function tensorDimsOf(index: GraphIndex, value: string): readonly number[] | undefined {
  const tensor = index.constant(value);
  return tensor === undefined ? undefined : tensorDims(tensor);
}

function attributesOf(node: NodeProto): Record<string, number> {
  return Object.fromEntries(node.attribute.map(({ name, i }) => [name, Number(i)]));
}
