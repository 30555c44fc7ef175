import { intAttribute } from "../attributes.ts";
import { DataType, type Dim } from "../types.ts";
import { addDims, multiplyDims } from "./dim.ts";
import { axisOf, freshShape, input, intsFrom, normaliseAxis, type Rule } from "./rule.ts";
import { smallSize, type ValueType } from "./value-type.ts";

/** Reduces over `axes` (an attribute before 13 or 18, then an input). `combine` follows known values of whole vectors. */
function reduce(combine?: (a: Dim, b: Dim) => Dim | undefined): Rule {
  return (context) => {
    const data = input(context, 0);
    const given = intsFrom(context, "axes", 1);
    const keep = intAttribute(context.node, "keepdims", 1) === 1;
    if (data.shape === undefined) return [{ type: data.type, shape: undefined }];
    const rank = data.shape.length;
    const all = given === "absent" || given?.length === 0;
    if (all && intAttribute(context.node, "noop_with_empty_axes", 0) === 1) return [data];
    if (given === undefined) return [{ type: data.type, shape: keep ? freshShape(context, rank) : undefined }];
    const axes = new Set(given === "absent" || all ? data.shape.keys() : given.map((axis) => normaliseAxis(axis, rank)));
    const shape = data.shape.flatMap((dim, axis) => (!axes.has(axis) ? [dim] : keep ? [1] : []));
    return [{ type: data.type, shape, value: combine === undefined || axes.size !== rank ? undefined : combineAll(data, combine) }];
  };
}

function combineAll(data: ValueType, combine: (a: Dim, b: Dim) => Dim | undefined): Dim[] | undefined {
  if (data.type === DataType.float32 || data.value === undefined || data.value.length === 0 || smallSize(data.shape) === undefined)
    return undefined;
  let total = data.value[0];
  for (const entry of data.value.slice(1)) total = total === undefined ? undefined : combine(total, entry);
  return total === undefined ? undefined : [total];
}

const numeric =
  (combine: (a: number, b: number) => number) =>
  (a: Dim, b: Dim): Dim | undefined =>
    typeof a === "number" && typeof b === "number" ? combine(a, b) : undefined;

const argument: Rule = (context) => {
  const { shape } = input(context, 0);
  if (shape === undefined) return [{ type: DataType.int64, shape: undefined }];
  const axis = axisOf(context, { fallback: 0, rank: shape.length });
  const keep = intAttribute(context.node, "keepdims", 1) === 1;
  return [{ type: DataType.int64, shape: shape.flatMap((dim, index) => (index !== axis ? [dim] : keep ? [1] : [])) }];
};

/** Operators that take several elements to one. */
export const REDUCTIONS: Readonly<Record<string, Rule>> = {
  ReduceMean: reduce(),
  ReduceSum: reduce(addDims),
  ReduceProd: reduce(multiplyDims),
  ReduceMax: reduce(numeric(Math.max)),
  ReduceMin: reduce(numeric(Math.min)),
  ReduceL1: reduce(),
  ReduceL2: reduce(),
  ReduceSumSquare: reduce(),
  ReduceLogSum: reduce(),
  ReduceLogSumExp: reduce(),
  ArgMax: argument,
  ArgMin: argument,
};
