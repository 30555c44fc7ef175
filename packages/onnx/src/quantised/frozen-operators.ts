import { fromFloat32, toFloat32 } from "@graft/safetensors";
import { intAttribute, intsAttribute } from "../attributes.ts";
import type { NodeProto } from "../proto/onnx_pb.ts";
import { DataType } from "../types.ts";
import { broadcastDims, combine, type NumberArray, permuted, sizeOf } from "./array.ts";

/** What is known of an input without reading weights: its dimensions, and small integer constants. */
export interface FrozenInput {
  readonly dims: readonly number[];
  /** Values of an int64 constant, which shapes are given by. */
  readonly ints?: readonly number[] | undefined;
}

/** An operator that turns stored weights into those that are computed with. */
export interface FrozenOperator {
  /** Dimensions of the result; undefined for a form that is not known. */
  dims(node: NodeProto, inputs: readonly FrozenInput[]): readonly number[] | undefined;
  compute(node: NodeProto, inputs: readonly NumberArray[], dims: readonly number[]): NumberArray;
}

const binary = (operation: (a: number, b: number) => number): FrozenOperator => ({
  dims: (_, [one, other]) => (one === undefined || other === undefined ? undefined : broadcastDims(one.dims, other.dims)),
  compute: (_, [one, other]) => combine(one as NumberArray, other as NumberArray, operation),
});

const same: FrozenOperator["dims"] = (_, [x]) => x?.dims;

/** (x − zero) · scale: one of each for the tensor, for every index of an axis, or for blocks along it. */
const dequantizeLinear: FrozenOperator = {
  dims: same,
  compute(node, [x, scale, zero]) {
    const { dims, values } = x as NumberArray;
    const [scales, zeros] = [scale?.values ?? new Float32Array(), zero?.values];
    const axis = (intAttribute(node, "axis", 1) + dims.length) % Math.max(1, dims.length);
    const block = Math.max(1, intAttribute(node, "block_size", 0));
    const inner = sizeOf(dims.slice(axis + 1));
    const size = dims[axis] ?? 1;
    const blocks = Math.ceil(size / block);
    const perAxis = scale?.dims.length === 1 && scales.length > 1;
    const place = (index: number): number => {
      if (scales.length === 1) return 0;
      const along = Math.floor(index / inner) % size;
      if (perAxis) return along;
      return (Math.floor(index / (inner * size)) * blocks + Math.floor(along / block)) * inner + (index % inner);
    };
    const result = new Float32Array(values.length);
    for (let index = 0; index < result.length; index++) {
      const at = place(index);
      result[index] = ((values[index] as number) - (zeros?.[at] ?? 0)) * (scales[at] ?? 1);
    }
    return { dims, values: result };
  },
};

const NARROW: Readonly<Record<number, "F16" | "BF16">> = { [DataType.float16]: "F16", [DataType.bfloat16]: "BF16" };

/** Narrow floats round; integers stay what they are. */
const cast: FrozenOperator = {
  dims: same,
  compute(node, [x]) {
    const { dims, values } = x as NumberArray;
    const dtype = NARROW[intAttribute(node, "to", 0)];
    return { dims, values: dtype === undefined ? values : toFloat32(dtype, fromFloat32(dtype, values)) };
  },
};

const reshape: FrozenOperator = {
  dims(_, [x, shape]) {
    if (x === undefined || shape?.ints === undefined) return undefined;
    const wanted = shape.ints.map((size, axis) => (size === 0 ? (x.dims[axis] ?? 1) : size));
    const known = wanted.filter((size) => size > 0).reduce((product, size) => product * size, 1);
    return wanted.map((size) => (size < 0 ? sizeOf(x.dims) / known : size));
  },
  compute: (_, [x], dims) => ({ dims, values: (x as NumberArray).values }),
};

const permOf = (node: NodeProto, rank: number): readonly number[] =>
  intsAttribute(node, "perm") ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);

/** Values of a table of numbers, by index: how codes without a formula are read. */
const gather: FrozenOperator = {
  dims: (node, [table, indices]) => (table?.dims.length === 1 && intAttribute(node, "axis", 0) === 0 ? indices?.dims : undefined),
  compute: (_, [table, indices], dims) => ({
    dims,
    values: (indices as NumberArray).values.map((index) => (table as NumberArray).values[index] ?? Number.NaN),
  }),
};

/** Operators by name that may stand between a stored weight and its use. */
export const FROZEN_OPERATORS: Readonly<Record<string, FrozenOperator>> = {
  DequantizeLinear: dequantizeLinear,
  Cast: cast,
  Identity: { dims: same, compute: (_, [x]) => x as NumberArray },
  Mul: binary((a, b) => a * b),
  Div: binary((a, b) => a / b),
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Reshape: reshape,
  Transpose: {
    dims: (node, [x]) => x && permOf(node, x.dims.length).map((axis) => x.dims[axis] ?? 1),
    compute: (node, [x]) => permuted(x as NumberArray, permOf(node, (x as NumberArray).dims.length)),
  },
  Gather: gather,
};
