import { intAttribute, intsAttribute } from "../attributes.ts";
import type { Dim } from "../types.ts";
import { broadcastShapes } from "./broadcast.ts";
import { addDims, ceilDivideDims, floorDivideDims, multiplyDims, productOfDims, subtractDims } from "./dim.ts";
import { axisOf, freshShape, input, intsFrom, normaliseAxis, numbers, rankAsked, type Rule, type RuleContext, withDim } from "./rule.ts";
import { smallSize, type ValueType } from "./value-type.ts";

/** Elements are kept in their order under another shape. */
function reshaped(data: ValueType, shape: readonly Dim[] | undefined): readonly ValueType[] {
  return [{ type: data.type, shape, value: smallSize(shape) === undefined ? undefined : data.value }];
}

const reshape: Rule = (context) => {
  const [data, wanted] = [input(context, 0), input(context, 1)];
  const target = wanted.value ?? intsAttribute(context.node, "shape");
  if (target === undefined) {
    const rank = rankAsked(wanted);
    return reshaped(data, rank === undefined ? undefined : freshShape(context, rank));
  }
  const copies = intAttribute(context.node, "allowzero", 0) === 0;
  const shape = target.map((dim, axis) => (dim === 0 && copies ? (data.shape?.[axis] ?? context.fresh()) : dim));
  const open = shape.indexOf(-1);
  return reshaped(data, open < 0 ? shape : withDim(shape, open, remainder(context, { data, shape })));
};

/** The size that -1 stands for: equal dimensions cancel first, so that what is left divides. */
function remainder(context: RuleContext, options: { data: ValueType; shape: readonly Dim[] }): Dim {
  if (options.data.shape === undefined) return context.fresh();
  const left = [...options.data.shape];
  const taken = options.shape.filter((dim) => {
    const index = dim === -1 ? -1 : left.indexOf(dim);
    if (index >= 0) left.splice(index, 1);
    return index < 0 && dim !== -1;
  });
  const divisor = productOfDims(taken);
  return divisor === 0 ? 0 : floorDivideDims(productOfDims(left), divisor);
}

const flatten: Rule = (context) => {
  const data = input(context, 0);
  if (data.shape === undefined) return reshaped(data, freshShape(context, 2));
  const axis = axisOf(context, { fallback: 1, rank: data.shape.length });
  return reshaped(data, [productOfDims(data.shape.slice(0, axis)), productOfDims(data.shape.slice(axis))]);
};

const transpose: Rule = (context) => {
  const { type, shape, value } = input(context, 0);
  const order = intsAttribute(context.node, "perm") ?? [...(shape ?? []).keys()].reverse();
  const result = shape === undefined ? undefined : order.map((axis) => shape[axis] as Dim);
  return [{ type, shape: result, value: order.length < 2 ? value : undefined }];
};

const squeeze: Rule = (context) => {
  const data = input(context, 0);
  const axes = intsFrom(context, "axes", 1);
  if (data.shape === undefined || axes === undefined) return reshaped(data, undefined);
  const rank = data.shape.length;
  const dropped = axes === "absent" ? undefined : new Set(axes.map((axis) => normaliseAxis(axis, rank)));
  return reshaped(
    data,
    data.shape.filter((dim, axis) => (dropped === undefined ? dim !== 1 : !dropped.has(axis))),
  );
};

const unsqueeze: Rule = (context) => {
  const data = input(context, 0);
  const axes = intsFrom(context, "axes", 1);
  if (data.shape === undefined || axes === undefined || axes === "absent") return reshaped(data, undefined);
  const rank = data.shape.length + axes.length;
  const added = new Set(axes.map((axis) => normaliseAxis(axis, rank)));
  const rest = [...data.shape];
  return reshaped(
    data,
    Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (rest.shift() as Dim))),
  );
};

const concat: Rule = (context) => {
  const parts = context.node.input.map((_, index) => input(context, index));
  const type = parts.find((part) => part.type !== 0)?.type ?? 0;
  const known = parts.find((part) => part.shape !== undefined)?.shape;
  if (known === undefined) return [{ type, shape: undefined }];
  const at = axisOf(context, { fallback: 0, rank: known.length });
  const shape = known.map((dim, axis) =>
    axis === at ? parts.map((part) => part.shape?.[at] ?? context.fresh()).reduce(addDims) : sharedDim(parts, axis, dim),
  );
  const values =
    known.length === 1 && parts.every((part) => part.value !== undefined) ? parts.flatMap((part) => part.value ?? []) : undefined;
  return [{ type, shape, value: smallSize(shape) === undefined ? undefined : values }];
};

/** A dimension that all parts share: a number among them says most. */
function sharedDim(parts: readonly ValueType[], axis: number, fallback: Dim): Dim {
  return parts.map((part) => part.shape?.[axis]).find((dim) => typeof dim === "number") ?? fallback;
}

const split: Rule = (context) => {
  const data = input(context, 0);
  const count = context.node.output.length;
  if (data.shape === undefined) return Array.from({ length: count }, () => ({ type: data.type, shape: undefined }));
  const axis = axisOf(context, { fallback: 0, rank: data.shape.length });
  const total = data.shape[axis] as Dim;
  const given = context.inputs[1]?.value ?? intsAttribute(context.node, "split");
  const each = ceilDivideDims(total, count);
  const equal = Array.from({ length: count }, (_, index) =>
    index < count - 1 ? each : subtractDims(total, multiplyDims(each, count - 1)),
  );
  const sizes = given ?? (context.inputs[1] === undefined ? equal : freshShape(context, count));
  let start = 0;
  return sizes.map((size) => {
    const value = data.shape?.length === 1 && typeof size === "number" ? data.value?.slice(start, start + size) : undefined;
    if (typeof size === "number") start += size;
    return { type: data.type, shape: withDim(data.shape ?? [], axis, size), value };
  });
};

const expand: Rule = (context) => {
  const [data, wanted] = [input(context, 0), input(context, 1)];
  const rank = rankAsked(wanted);
  const shape =
    wanted.value !== undefined
      ? broadcastShapes(data.shape, wanted.value)
      : rank === undefined || data.shape === undefined
        ? undefined
        : freshShape(context, Math.max(rank, data.shape.length));
  const size = smallSize(shape);
  const only = data.value?.length === 1 ? data.value[0] : undefined;
  return [
    { type: data.type, shape, value: size === undefined || only === undefined ? undefined : Array.from({ length: size }, () => only) },
  ];
};

const tile: Rule = (context) => {
  const [data, repeats] = [input(context, 0), input(context, 1)];
  const shape = data.shape?.map((dim, axis) =>
    repeats.value === undefined ? context.fresh() : multiplyDims(dim, repeats.value[axis] ?? 1),
  );
  return [{ type: data.type, shape }];
};

const pad: Rule = (context) => {
  const data = input(context, 0);
  if (data.shape === undefined) return [{ type: data.type, shape: undefined }];
  const rank = data.shape.length;
  const pads: readonly Dim[] | undefined = intsAttribute(context.node, "pads") ?? input(context, 1).value;
  const given =
    context.inputs[3] === undefined ? [...data.shape.keys()] : numbers(context.inputs[3])?.map((axis) => normaliseAxis(axis, rank));
  const shape = data.shape.map((dim, axis) => {
    if (pads === undefined || given === undefined) return context.fresh();
    const index = given.indexOf(axis);
    return index < 0 ? dim : addDims(dim, addDims(pads[index] as Dim, pads[index + given.length] as Dim));
  });
  return [{ type: data.type, shape }];
};

/** The same value under another name. */
const identity: Rule = (context) => [input(context, 0)];

/** Operators that move, cut and repeat elements without changing them. */
export const MOVEMENT: Readonly<Record<string, Rule>> = {
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Concat: concat,
  Split: split,
  Expand: expand,
  Tile: tile,
  Pad: pad,
  Identity: identity,
};
