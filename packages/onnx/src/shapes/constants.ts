import { intAttribute, tensorAttribute } from "../attributes.ts";
import { constantTensor } from "../constant-node.ts";
import type { NodeProto, TensorProto } from "../proto/onnx_pb.ts";
import { inlineBytes } from "../tensor-bytes.ts";
import { DataType, type Dim } from "../types.ts";
import { addDims, ceilDivideDims, productOfDims, subtractDims } from "./dim.ts";
import { freshShape, input, rankAsked, type Rule } from "./rule.ts";
import { smallSize, UNKNOWN, type ValueType } from "./value-type.ts";

/** What a constant tensor is; its elements too when they are few and in the model. */
export function tensorType(tensor: TensorProto): ValueType {
  const shape = tensor.dims.map(Number);
  const size = smallSize(shape);
  return { type: tensor.dataType, shape, value: size === undefined || tensor.dataLocation === 1 ? undefined : elements(tensor, size) };
}

/** How one element is read; values of other types are not followed. */
const READERS: Readonly<Record<number, (view: DataView, index: number) => number | bigint>> = {
  [DataType.float32]: (view, index) => view.getFloat32(4 * index, true),
  [DataType.float64]: (view, index) => view.getFloat64(8 * index, true),
  [DataType.int64]: (view, index) => view.getBigInt64(8 * index, true),
  [DataType.int32]: (view, index) => view.getInt32(4 * index, true),
  [DataType.bool]: (view, index) => view.getUint8(index),
};

function elements(tensor: TensorProto, size: number): number[] | undefined {
  const read = READERS[tensor.dataType];
  if (read === undefined) return undefined;
  const bytes = inlineBytes(tensor);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: size }, (_, index) => Number(read(view, index)));
}

/** `Constant` in all the forms its value can be written, text and sparse tensors among them. */
function constantType(node: NodeProto): ValueType {
  const tensor = constantTensor(node);
  if (tensor !== undefined) return tensorType(tensor);
  const [found] = node.attribute;
  if (found?.name === "value_string") return { type: DataType.string, shape: [] };
  if (found?.name === "value_strings") return { type: DataType.string, shape: [found.strings.length] };
  if (found?.name === "sparse_value")
    return { type: found.sparseTensor?.values?.dataType ?? 0, shape: found.sparseTensor?.dims.map(Number) };
  return UNKNOWN;
}

/** The dimensions themselves become a value: this is how shapes enter the arithmetic of a graph. */
const shapeOf: Rule = (context) => {
  const { shape } = input(context, 0);
  if (shape === undefined) return [{ type: DataType.int64, shape: [context.fresh()] }];
  const value = shape.slice(intAttribute(context.node, "start", 0), intAttribute(context.node, "end", undefined));
  return [{ type: DataType.int64, shape: [value.length], value }];
};

const size: Rule = (context) => {
  const { shape } = input(context, 0);
  return [{ type: DataType.int64, shape: [], value: shape === undefined ? undefined : [productOfDims(shape)] }];
};

const range: Rule = (context) => {
  const [first, limit, step] = [0, 1, 2].map((index) => input(context, index).value?.[0]);
  const { type } = input(context, 0);
  if (first === undefined || limit === undefined || typeof step !== "number" || step === 0) return [{ type, shape: [context.fresh()] }];
  const length = rangeLength(first, limit, step);
  const count = smallSize([length]);
  return [
    {
      type,
      shape: [length],
      value:
        count === undefined || type === DataType.float32
          ? undefined
          : Array.from({ length: count }, (_, index) => addDims(first, index * step)),
    },
  ];
};

function rangeLength(first: Dim, limit: Dim, step: number): Dim {
  if (typeof first === "number" && typeof limit === "number") return Math.max(0, Math.ceil((limit - first) / step));
  return step > 0 ? ceilDivideDims(subtractDims(limit, first), step) : ceilDivideDims(subtractDims(first, limit), -step);
}

const constantOfShape: Rule = (context) => {
  const wanted = input(context, 0);
  const given = tensorAttribute(context.node, "value");
  const fill = given === undefined ? { type: DataType.float32, value: [0] } : tensorType(given);
  const rank = rankAsked(wanted);
  const shape = wanted.value ?? (rank !== undefined ? freshShape(context, rank) : undefined);
  const count = smallSize(shape);
  const [filler] = fill.value ?? [];
  return [
    {
      type: fill.type,
      shape,
      value: count === undefined || filler === undefined ? undefined : Array.from({ length: count }, () => filler),
    },
  ];
};

const random: Rule = (context) => {
  const shape = context.node.attribute.find((entry) => entry.name === "shape")?.ints.map(Number) ?? input(context, 0).shape;
  return [{ type: intAttribute(context.node, "dtype", context.inputs[0]?.type ?? DataType.float32), shape }];
};

const eyeLike: Rule = (context) => [{ type: intAttribute(context.node, "dtype", input(context, 0).type), shape: input(context, 0).shape }];

/** Operators that make tensors, and those that compute with shapes. */
export const CONSTANTS: Readonly<Record<string, Rule>> = {
  Constant: (context) => [constantType(context.node)],
  Shape: shapeOf,
  Size: size,
  Range: range,
  ConstantOfShape: constantOfShape,
  EyeLike: eyeLike,
  RandomNormal: random,
  RandomNormalLike: random,
  RandomUniform: random,
  RandomUniformLike: random,
  Bernoulli: random,
};
