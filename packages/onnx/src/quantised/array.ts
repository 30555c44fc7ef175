import { GraftError } from "@graft/error";

/** Numbers with their dimensions, row-major: what a frozen expression is computed with. Integers are exact in float32 up to 2^24. */
export interface NumberArray {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** Dimensions of two operands together, as ONNX broadcasts; undefined where they do not fit. */
export function broadcastDims(one: readonly number[], other: readonly number[]): number[] | undefined {
  const rank = Math.max(one.length, other.length);
  const at = (dims: readonly number[], axis: number): number => dims[axis - rank + dims.length] ?? 1;
  const result: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const [left, right] = [at(one, axis), at(other, axis)];
    if (left !== right && left !== 1 && right !== 1) return undefined;
    result.push(left === 1 ? right : left);
  }
  return result;
}

/** An operation value by value, in float32. */
export function combine(one: NumberArray, other: NumberArray, operation: (a: number, b: number) => number): NumberArray {
  const dims = broadcastDims(one.dims, other.dims);
  if (dims === undefined)
    throw new GraftError("ONNX_INVALID", `Cannot compute a weight: [${one.dims.join(", ")}] and [${other.dims.join(", ")}] do not fit`);
  const values = new Float32Array(sizeOf(dims));
  const [left, right] = [walk(one, dims), walk(other, dims)];
  const width = dims.at(-1) ?? 1;
  for (let start = 0, row = 0; start < values.length; start += width, row++) {
    let [from, to] = [left.begin(row), right.begin(row)];
    for (let index = start; index < start + width; index++, from += left.step, to += right.step)
      values[index] = operation(one.values[from] as number, other.values[to] as number);
  }
  return { dims, values };
}

/** Where an operand's rows begin for rows of the broadcast result, and its step along the last axis: 0 where one number serves all. */
function walk({ dims }: NumberArray, to: readonly number[]): { readonly step: number; begin(row: number): number } {
  const own = [...Array.from({ length: to.length - dims.length }, () => 1), ...dims];
  const steps = strides(own).map((step, axis) => (own[axis] === 1 ? 0 : step));
  const outer = strides(to.slice(0, -1));
  // Axes along which the operand does not vary are left out of the walk.
  const axes = outer.flatMap((divisor, axis) => (steps[axis] === 0 ? [] : [{ step: steps[axis] ?? 0, divisor, size: to[axis] ?? 1 }]));
  return {
    step: steps.at(-1) ?? 0,
    begin: (row) => axes.reduce((place, { step, divisor, size }) => place + (Math.floor(row / divisor) % size) * step, 0),
  };
}

/** Elements between neighbours along each axis. */
function strides(dims: readonly number[]): number[] {
  const result = dims.map(() => 1);
  for (let axis = dims.length - 2; axis >= 0; axis--) result[axis] = (result[axis + 1] ?? 1) * (dims[axis + 1] ?? 1);
  return result;
}

/** Count of elements. */
export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, size) => product * size, 1);
}

/** Axes in another order. */
export function permuted({ dims, values }: NumberArray, perm: readonly number[]): NumberArray {
  const to = perm.map((axis) => dims[axis] ?? 1);
  const steps = perm.map((axis) => strides(dims)[axis] ?? 1);
  const outer = strides(to);
  const result = new Float32Array(values.length);
  for (let index = 0; index < result.length; index++) {
    let place = 0;
    for (const [axis, divisor] of outer.entries()) place += (Math.floor(index / divisor) % (to[axis] ?? 1)) * (steps[axis] ?? 0);
    result[index] = values[place] as number;
  }
  return { dims: to, values: result };
}
