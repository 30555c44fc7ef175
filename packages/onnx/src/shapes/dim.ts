import type { Dim } from "../types.ts";
import { addScaled, constant, divideExactly, factors, format, multiply, ordered, parse, type Polynomial } from "./polynomial.ts";

/** A function of dimensions, as `call` writes it. */
const CALL = /^(\w+)\((.*)\)$/;
/** Products of longer sums than this are not multiplied out. */
const TERMS = 256;

const polynomial = (dim: Dim): Polynomial => (typeof dim === "number" ? constant(dim) : parse(dim));

function toDim(a: Polynomial): Dim {
  if (a.size === 0) return 0;
  const only = a.size === 1 ? a.get("") : undefined;
  return only ?? format(a);
}

/** The canonical form of a dimension as a file writes it: "2 * batch" becomes "batch*2". */
export function canonicalDim(dim: Dim): Dim {
  return toDim(polynomial(dim));
}

/** a + b. */
export function addDims(a: Dim, b: Dim): Dim {
  return typeof a === "number" && typeof b === "number" ? a + b : toDim(addScaled(polynomial(a), polynomial(b), 1));
}

/** a − b. */
export function subtractDims(a: Dim, b: Dim): Dim {
  return typeof a === "number" && typeof b === "number" ? a - b : a === b ? 0 : toDim(addScaled(polynomial(a), polynomial(b), -1));
}

/** a · b. */
export function multiplyDims(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return a * b;
  if (a === 1) return b;
  if (b === 1) return a;
  const [left, right] = [polynomial(a), polynomial(b)];
  return left.size * right.size > TERMS ? `product(${[a, b].map(String).sort().join(",")})` : toDim(multiply(left, right));
}

/** The number of elements of a shape. */
export function productOfDims(shape: readonly Dim[]): Dim {
  return shape.reduce<Dim>(multiplyDims, 1);
}

/** ⌊a / b⌋. What does not come out even is written "floor(a/b)". */
export function floorDivideDims(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return Math.floor(a / b);
  if (a === b) return 1;
  const [dividend, divisor] = [polynomial(a), polynomial(b)];
  const exact = divideExactly(dividend, divisor);
  if (exact !== undefined) return toDim(exact);
  if (typeof b !== "number") return `floor(${grouped(a)}/${grouped(b)})`;
  // Multiples of a number leave the brackets, so that equal quotients read the same.
  const whole = new Map([...dividend].map(([product, coefficient]) => [product, Math.floor(coefficient / b)]));
  const rest = toDim(addScaled(dividend, whole, -b));
  const outside = toDim(addScaled(new Map(), whole, 1));
  return addDims(outside, typeof rest === "number" ? Math.floor(rest / b) : `floor(${grouped(rest)}/${b})`);
}

/** ⌈a / b⌉. */
export function ceilDivideDims(a: Dim, b: Dim): Dim {
  return floorDivideDims(subtractDims(addDims(a, b), 1), b);
}

function grouped(dim: Dim): string {
  return /^[^+\-*/]+$/.test(String(dim)) ? String(dim) : `(${dim})`;
}

/** The smaller of two dimensions, decided where the bounds decide it, else "min(a,b)". */
export function minimumOfDims(a: Dim, b: Dim): Dim {
  const { low, high } = boundsOfDim(subtractDims(a, b));
  return high <= 0 ? a : low >= 0 ? b : call("min", [a, b]);
}

/** One name for a function of dimensions whose order does not matter. */
export function call(name: string, dims: readonly Dim[]): string {
  return `${name}(${[...new Set(dims.map(String))].sort().join(",")})`;
}

/** Between which numbers an expression lies, given that no symbol is negative; differences may be. */
export function boundsOfDim(dim: Dim): { readonly low: number; readonly high: number } {
  if (typeof dim === "number") return { low: dim, high: dim };
  let [low, high] = [0, 0];
  for (const [product, coefficient] of polynomial(dim)) {
    if (product === "") [low, high] = [low + coefficient, high + coefficient];
    else {
      const negative = !factors(product).every(isNeverNegative);
      if (coefficient > 0 || negative) high = Infinity;
      if (coefficient < 0 || negative) low = -Infinity;
    }
  }
  return { low, high };
}

/** Whether a symbol, or a function of dimensions, is at least 0 whatever its symbols are. */
function isNeverNegative(factor: string): boolean {
  const [, name, inner] = CALL.exec(factor) ?? [];
  if (name === undefined || inner === undefined) return true;
  const parts = splitOutside(inner, name === "floor" ? "/" : ",").map((part) => boundsOfDim(part).low >= 0);
  return name === "max" ? parts.some(Boolean) : parts.every(Boolean);
}

/** The value of a dimension once its symbols are known; undefined when one is missing. */
export function evaluateDim(dim: Dim, symbols: Readonly<Record<string, number>>): number | undefined {
  if (typeof dim === "number") return dim;
  if (Object.hasOwn(symbols, dim)) return symbols[dim];
  let total = 0;
  for (const [product, coefficient] of ordered(polynomial(dim))) {
    let term = coefficient;
    for (const factor of factors(product)) {
      const value = Object.hasOwn(symbols, factor) ? symbols[factor] : evaluateCall(factor, symbols);
      if (value === undefined) return undefined;
      term *= value;
    }
    total += term;
  }
  return total;
}

function evaluateCall(text: string, symbols: Readonly<Record<string, number>>): number | undefined {
  const [, name, inner] = CALL.exec(text) ?? [];
  if (name === undefined || inner === undefined) return undefined;
  const values = splitOutside(inner, name === "floor" ? "/" : ",").map((part) => evaluateDim(part, symbols));
  if (values.some((value) => value === undefined)) return undefined;
  const known = values as number[];
  if (name === "floor" && known.length === 2) return Math.floor((known[0] as number) / (known[1] as number));
  if (name === "min") return Math.min(...known);
  if (name === "product") return known.reduce((product, value) => product * value, 1);
  if (name === "max") return Math.max(...known);
  if (name === "broadcast") return known.find((value) => value !== 1) ?? 1;
  return undefined;
}

/** The parts of a text between separators that stand outside parentheses. */
export function splitOutside(text: string, separator: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const character of text) {
    depth += character === "(" ? 1 : character === ")" ? -1 : 0;
    if (character === separator && depth === 0) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts;
}
