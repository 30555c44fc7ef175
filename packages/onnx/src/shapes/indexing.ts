import { intAttribute, intsAttribute } from "../attributes.ts";
import { DataType, type Dim } from "../types.ts";
import { addDims, boundsOfDim, ceilDivideDims, minimumOfDims, subtractDims } from "./dim.ts";
import { axisOf, freshShape, input, normaliseAxis, numbers, type Rule, withDim } from "./rule.ts";
import { sameAsInput } from "./elementwise.ts";

/** Ends at least this far away mean "to the end": exporters write the largest integer. */
const TO_THE_END = 2 ** 31 - 1;

const gather: Rule = (context) => {
  const [data, indices] = [input(context, 0), input(context, 1)];
  if (data.shape === undefined || indices.shape === undefined) return [{ type: data.type, shape: undefined }];
  const axis = axisOf(context, { fallback: 0, rank: data.shape.length });
  const shape = [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)];
  const length = data.value?.length ?? 0;
  const picked = data.shape.length === 1 ? numbers(indices)?.map((index) => data.value?.[index < 0 ? index + length : index]) : undefined;
  const value = picked?.every((entry) => entry !== undefined) === true ? (picked as Dim[]) : undefined;
  return [{ type: data.type, shape, value }];
};

const gatherElements: Rule = (context) => [{ type: input(context, 0).type, shape: input(context, 1).shape }];

const gatherND: Rule = (context) => {
  const [data, indices] = [input(context, 0), input(context, 1)];
  const depth = indices.shape?.at(-1);
  if (data.shape === undefined || indices.shape === undefined || typeof depth !== "number") return [{ type: data.type, shape: undefined }];
  const batch = intAttribute(context.node, "batch_dims", 0);
  return [{ type: data.type, shape: [...indices.shape.slice(0, -1), ...data.shape.slice(batch + depth)] }];
};

const slice: Rule = (context) => {
  const data = input(context, 0);
  const part = (name: string, index: number): readonly Dim[] | undefined =>
    intsAttribute(context.node, name) ?? context.inputs[index]?.value;
  const [starts, ends] = [part("starts", 1), part("ends", 2)];
  if (data.shape === undefined) return [{ type: data.type, shape: undefined }];
  const rank = data.shape.length;
  const known = (index: number): boolean => context.inputs[index] === undefined || numbers(context.inputs[index]) !== undefined;
  if (!known(3)) return [{ type: data.type, shape: freshShape(context, rank) }];
  const count = starts?.length ?? ends?.length ?? Number(input(context, 1).shape?.[0] ?? 0);
  const axes = (
    intsAttribute(context.node, "axes") ??
    numbers(context.inputs[3]) ??
    Array.from({ length: count }, (_, index) => index)
  ).map((axis) => normaliseAxis(axis, rank));
  const steps = numbers(context.inputs[4]) ?? axes.map(() => 1);
  if (steps.includes(0)) return [{ type: data.type, shape: undefined }];
  let shape: readonly Dim[] = data.shape;
  for (const [index, axis] of axes.entries()) {
    const [start, end] = [starts?.[index], ends?.[index]];
    const size =
      start === undefined || end === undefined || !known(4)
        ? context.fresh()
        : sliceSize(shape[axis] as Dim, { start, end, step: steps[index] ?? 1 });
    shape = withDim(shape, axis, size);
  }
  const bounds = numbers({ ...data, value: starts }) !== undefined && numbers({ ...data, value: ends }) !== undefined;
  const value =
    rank === 1 && data.value !== undefined && bounds && known(4)
      ? sliceValue(data.value, { start: starts?.[0] as number, end: ends?.[0] as number, step: steps[0] ?? 1 })
      : undefined;
  return [{ type: data.type, shape, value }];
};

/** Both ends as positions in a dimension of `size`, the way ONNX clamps them. */
function clampedBounds(size: number, cut: { start: number; end: number; step: number }): { start: number; end: number } {
  const [low, high] = cut.step > 0 ? [0, size] : [-1, size - 1];
  const clamp = (position: number, least: number): number => Math.min(Math.max(position < 0 ? position + size : position, least), high);
  return { start: clamp(cut.start, 0), end: clamp(cut.end, low) };
}

function sliceValue(value: readonly Dim[], cut: { start: number; end: number; step: number }): Dim[] {
  const { start, end } = clampedBounds(value.length, cut);
  const count = Math.max(0, Math.ceil((end - start) / cut.step));
  return Array.from({ length: count }, (_, index) => value[start + index * cut.step] as Dim);
}

/** How many elements a slice takes. One with a symbolic end is taken to lie within the dimension, as exports have it. */
function sliceSize(size: Dim, cut: { start: Dim; end: Dim; step: number }): Dim {
  const { start, end, step } = cut;
  if (typeof size === "number" && typeof start === "number" && typeof end === "number") {
    const bounds = clampedBounds(size, { start, end, step });
    return Math.max(0, Math.ceil((bounds.end - bounds.start) / step));
  }
  const fromEnd = (position: Dim): Dim => (boundsOfDim(position).high < 0 ? addDims(size, position) : position);
  if (step < 0) {
    const whole = (start === -1 || (typeof start === "number" && start >= TO_THE_END)) && typeof end === "number" && end <= -TO_THE_END;
    return whole ? ceilDivideDims(size, -step) : ceilDivideDims(subtractDims(fromEnd(start), fromEnd(end)), -step);
  }
  const first = typeof start === "number" && start <= -TO_THE_END ? 0 : fromEnd(start);
  return ceilDivideDims(subtractDims(lastOf(size, end), first), step);
}

/** Where a slice with a positive step stops. */
function lastOf(size: Dim, end: Dim): Dim {
  if (typeof end === "string")
    return boundsOfDim(end).high < 0 || end.startsWith("-")
      ? addDims(size, end)
      : boundsOfDim(subtractDims(end, size)).low >= 0
        ? size
        : end;
  if (end >= TO_THE_END) return size;
  if (end < 0) return addDims(size, end);
  // The first element alone is asked of dimensions that are not empty; more may be a truncation.
  return end <= 1 ? end : minimumOfDims(size, end);
}

const oneHot: Rule = (context) => {
  const [indices, depth, values] = [input(context, 0), input(context, 1), input(context, 2)];
  if (indices.shape === undefined) return [{ type: values.type, shape: undefined }];
  const axis = axisOf(context, { fallback: -1, rank: indices.shape.length + 1 });
  return [
    { type: values.type, shape: [...indices.shape.slice(0, axis), depth.value?.[0] ?? context.fresh(), ...indices.shape.slice(axis)] },
  ];
};

const nonZero: Rule = (context) => [{ type: DataType.int64, shape: [input(context, 0).shape?.length ?? context.fresh(), context.fresh()] }];

const topK: Rule = (context) => {
  const data = input(context, 0);
  const count = intAttribute(context.node, "k", undefined) ?? input(context, 1).value?.[0] ?? context.fresh();
  const shape =
    data.shape === undefined ? undefined : withDim(data.shape, axisOf(context, { fallback: -1, rank: data.shape.length }), count);
  return [
    { type: data.type, shape },
    { type: DataType.int64, shape },
  ];
};

const compress: Rule = (context) => {
  const { type, shape } = input(context, 0);
  const axis = intAttribute(context.node, "axis", undefined);
  return [
    {
      type,
      shape:
        axis === undefined
          ? [context.fresh()]
          : shape === undefined
            ? undefined
            : withDim(shape, normaliseAxis(axis, shape.length), context.fresh()),
    },
  ];
};

/** Operators that pick and place elements by index. */
export const INDEXING: Readonly<Record<string, Rule>> = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterND: sameAsInput,
  ScatterElements: sameAsInput,
  Scatter: sameAsInput,
  Slice: slice,
  OneHot: oneHot,
  NonZero: nonZero,
  TopK: topK,
  Compress: compress,
};
