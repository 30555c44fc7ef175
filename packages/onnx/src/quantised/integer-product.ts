import type { GraphIndex } from "../graph-index.ts";
import type { NodeProto, TensorProto } from "../proto/onnx_pb.ts";
import { tensorDims } from "../tensor-bytes.ts";
import type { Weights } from "../weights.ts";
import { isPacked, readNumbers } from "./codes.ts";
import type { AffineCodes } from "./recode.ts";

/** A weight [in, out] that is multiplied as codes with what was quantised before: the float values around are where a layer begins and ends. */
export interface IntegerProduct {
  readonly dims: readonly [number, number];
  readonly packed: TensorProto;
  readonly codes: AffineCodes;
  /** The float value that is quantised for the product. */
  readonly input: string;
  /** The float value that the product becomes. */
  readonly output: string;
  read(weights: Weights): Promise<Float32Array>;
}

/** A `MatMulInteger` whose result is scaled, or a `QLinearMatMul` between a `QuantizeLinear` and a `DequantizeLinear`; undefined for other nodes. */
export function integerProduct(index: GraphIndex, node: NodeProto): IntegerProduct | undefined {
  return node.domain === "" || node.domain === "ai.onnx" ? PRODUCTS[node.opType]?.(index, node) : undefined;
}

const PRODUCTS: Readonly<Record<string, (index: GraphIndex, node: NodeProto) => IntegerProduct | undefined>> = {
  MatMulInteger: (index, node) => {
    const [a = "", b = "", , zero = ""] = node.input;
    const quantiser = index.producer(a);
    if (quantiser?.opType !== "DynamicQuantizeLinear") return undefined;
    const cast = only(index, node.output[0] ?? "", "Cast");
    const scaled = cast && only(index, cast.output[0] ?? "", "Mul");
    const factor = scaled?.input.find((name) => name !== cast?.output[0]) ?? "";
    const product = index.producer(factor);
    const scale = product?.opType === "Mul" ? product.input.find((name) => index.constant(name) !== undefined) : undefined;
    if (scaled === undefined || scale === undefined || !(product?.input ?? []).includes(quantiser.output[1] ?? "")) return undefined;
    return weightOf(index, { b, scale, zero, input: quantiser.input[0] ?? "", output: scaled.output[0] ?? "" });
  },
  QLinearMatMul: (index, node) => {
    const [a = "", , , b = "", scale = "", zero = ""] = node.input;
    const quantiser = index.producer(a);
    const back = only(index, node.output[0] ?? "", "DequantizeLinear");
    if (quantiser?.opType !== "QuantizeLinear" || back === undefined) return undefined;
    return weightOf(index, { b, scale, zero, input: quantiser.input[0] ?? "", output: back.output[0] ?? "" });
  },
};

function only(index: GraphIndex, value: string, opType: string): NodeProto | undefined {
  const uses = index.consumers(value);
  const [use] = uses;
  return uses.length === 1 && use?.node.opType === opType && !index.outputs.has(value) ? use.node : undefined;
}

function weightOf(
  index: GraphIndex,
  place: { b: string; scale: string; zero: string; input: string; output: string },
): IntegerProduct | undefined {
  const { b, scale, zero, input, output } = place;
  const [packed, scales, zeros] = [index.constant(b), index.constant(scale), zero === "" ? undefined : index.constant(zero)];
  if (packed === undefined || scales === undefined || !isPacked(packed) || (zero !== "" && zeros === undefined)) return undefined;
  const dims = tensorDims(packed);
  const [rows = 0, columns = 0] = dims;
  if (dims.length !== 2) return undefined;
  const affine = async (weights: Weights): Promise<{ offset: Float32Array; slope: Float32Array }> => {
    const each = (await readNumbers(scales, weights)).values;
    const none = zeros === undefined ? undefined : (await readNumbers(zeros, weights)).values;
    const slope = Float32Array.from({ length: rows * columns }, (_, at) => each[each.length === 1 ? 0 : at % columns] ?? 0);
    return { slope, offset: slope.map((step, at) => -(none?.[none.length === 1 ? 0 : at % columns] ?? 0) * step) };
  };
  return {
    dims: [rows, columns],
    packed,
    input,
    output,
    codes: { tensor: packed, affine },
    async read(weights) {
      const { offset, slope } = await affine(weights);
      const codes = (await readNumbers(packed, weights)).values;
      return codes.map((code, at) => (offset[at] as number) + code * (slope[at] as number));
    },
  };
}
