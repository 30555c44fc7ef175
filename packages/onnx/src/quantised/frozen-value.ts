import type { GraphIndex } from "../graph-index.ts";
import type { NodeProto, TensorProto } from "../proto/onnx_pb.ts";
import { inlineBytes, tensorDims } from "../tensor-bytes.ts";
import { DataType } from "../types.ts";
import type { Weights } from "../weights.ts";
import { type NumberArray, sizeOf } from "./array.ts";
import { isNumeric, isPacked, readNumbers } from "./codes.ts";
import { FROZEN_OPERATORS, type FrozenInput } from "./frozen-operators.ts";
import type { AffineCodes } from "./recode.ts";

/** A value that is computed from stored numbers alone, packed ones among them. */
export interface FrozenValue {
  readonly value: string;
  readonly dims: readonly number[];
  /** The tensor of codes: the largest. */
  readonly packed: TensorProto;
  /** What computes it, each node after those it reads. */
  readonly nodes: readonly NodeProto[];
  /** How its codes make its values, where each code makes one. */
  readonly codes?: AffineCodes | undefined;
  /** Its values, float32. */
  read(weights: Weights): Promise<Float32Array>;
}

/** More nodes than this are no way to store a weight. */
const NODES = 24;

/** Follows a value back to stored numbers; undefined where it depends on anything else, or where nothing is packed. */
export function frozenValue(index: GraphIndex, value: string): FrozenValue | undefined {
  const known = new Map<string, FrozenInput>();
  const leaves = new Map<string, TensorProto>();
  const nodes: NodeProto[] = [];
  const dims = trace(index, value, { known, leaves, nodes })?.dims;
  const packed = [...leaves.values()].filter(isPacked).toSorted((one, other) => sizeOf(tensorDims(other)) - sizeOf(tensorDims(one)))[0];
  if (dims === undefined || packed === undefined || nodes.length === 0) return undefined;
  /** The value, with other numbers in the place of the codes where they are given. */
  const compute = async (weights: Weights, code?: number): Promise<Float32Array> => {
    const values = new Map<string, NumberArray>();
    for (const [name, tensor] of leaves) {
      const own = tensorDims(tensor);
      const filled = code === undefined || tensor !== packed ? undefined : new Float32Array(sizeOf(own)).fill(code);
      values.set(name, filled === undefined ? await readNumbers(tensor, weights) : { dims: own, values: filled });
    }
    for (const node of nodes) {
      const inputs = node.input.filter((name) => name !== "").map((name) => values.get(name) as NumberArray);
      const output = node.output[0] ?? "";
      const result = FROZEN_OPERATORS[node.opType]?.compute(node, inputs, known.get(output)?.dims ?? []);
      if (result !== undefined) values.set(output, result);
    }
    return values.get(value)?.values ?? new Float32Array();
  };
  const inOrder = nodes.every(({ opType }) => IN_ORDER.has(opType)) && sizeOf(dims) === sizeOf(tensorDims(packed));
  return {
    value,
    dims,
    packed,
    nodes,
    codes: inOrder ? { tensor: packed, affine: (weights) => affine((code) => compute(weights, code)) } : undefined,
    read: (weights) => compute(weights),
  };
}

/** Operators that leave every number in its place, and whose result is a sum and a product of it. */
const IN_ORDER: ReadonlySet<string> = new Set(["DequantizeLinear", "Cast", "Identity", "Mul", "Div", "Add", "Sub", "Reshape"]);

async function affine(compute: (code: number) => Promise<Float32Array>): Promise<{ offset: Float32Array; slope: Float32Array }> {
  const [offset, one] = [await compute(0), await compute(1)];
  return { offset, slope: one.map((value, index) => value - (offset[index] as number)) };
}

/** What a walk has found. */
interface Trace {
  readonly known: Map<string, FrozenInput>;
  readonly leaves: Map<string, TensorProto>;
  readonly nodes: NodeProto[];
}

function trace(index: GraphIndex, value: string, found: Trace): FrozenInput | undefined {
  const before = found.known.get(value);
  if (before !== undefined) return before;
  const input = leafOf(index, value, found) ?? resultOf(index, value, found);
  if (input !== undefined) found.known.set(value, input);
  return input;
}

function leafOf(index: GraphIndex, value: string, found: Trace): FrozenInput | undefined {
  const tensor = index.constant(value);
  if (tensor === undefined || !isNumeric(tensor)) return undefined;
  found.leaves.set(value, tensor);
  return { dims: tensorDims(tensor), ints: shapeConstant(tensor) };
}

function resultOf(index: GraphIndex, value: string, found: Trace): FrozenInput | undefined {
  const node = index.producer(value);
  if (node === undefined || (node.domain !== "" && node.domain !== "ai.onnx") || node.output[0] !== value) return undefined;
  const operator = Object.hasOwn(FROZEN_OPERATORS, node.opType) ? FROZEN_OPERATORS[node.opType] : undefined;
  if (operator === undefined || found.nodes.length >= NODES) return undefined;
  const inputs: FrozenInput[] = [];
  for (const name of node.input) {
    if (name === "") continue;
    const input = trace(index, name, found);
    if (input === undefined) return undefined;
    inputs.push(input);
  }
  const dims = operator.dims(node, inputs);
  if (dims === undefined) return undefined;
  found.nodes.push(node);
  return { dims };
}

/** The numbers of a small int64 constant that lies in the model. */
function shapeConstant(tensor: TensorProto): number[] | undefined {
  if (tensor.dataType !== DataType.int64 || tensor.dataLocation === 1 || sizeOf(tensorDims(tensor)) > 8) return undefined;
  return Array.from(new BigInt64Array(inlineBytes(tensor).slice().buffer), Number);
}
