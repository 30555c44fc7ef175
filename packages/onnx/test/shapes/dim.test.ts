import { createModel, type Dim, evaluateDim, GraphBuilder, inferShapes } from "@graft/onnx";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { broadcastDim } from "../../src/shapes/broadcast.ts";
import {
  addDims,
  canonicalDim,
  ceilDivideDims,
  floorDivideDims,
  minimumOfDims,
  multiplyDims,
  productOfDims,
  subtractDims,
} from "../../src/shapes/dim.ts";

describe("an expression has one text", () => {
  test.each<[Dim, Dim]>([
    [multiplyDims("batch", 12), "batch*12"],
    [multiplyDims(12, "batch"), "batch*12"],
    [addDims("sequence", 1), "sequence+1"],
    [addDims("sequence", "past"), "past+sequence"],
    [subtractDims(addDims("past", "sequence"), "past"), "sequence"],
    [subtractDims("sequence", 1), "sequence-1"],
    [subtractDims("sequence", "sequence"), 0],
    [productOfDims(["sequence", 384, "batch"]), "batch*sequence*384"],
    [multiplyDims(addDims("sequence", 1), "batch"), "batch*sequence+batch"],
    [canonicalDim("2 * (past + 1)"), "past*2+2"],
    [canonicalDim("(s0//2)"), "(s0//2)"],
    [broadcastDim("b", "a"), "broadcast(a,b)"],
    [broadcastDim("broadcast(a,b)", "b"), "broadcast(a,b)"],
    [broadcastDim(1, "batch"), "batch"],
    [broadcastDim(7, "batch"), 7],
    [minimumOfDims("sequence", addDims("sequence", 3)), "sequence"],
  ])("%s is %s", (expression, text) => {
    expect(expression).toBe(text);
  });
});

describe("division", () => {
  test.each<[Dim, Dim, Dim]>([
    ["batch*sequence*384", "batch*12", "sequence*32"],
    ["batch*sequence+batch", "batch", "sequence+1"],
    ["batch*sequence+batch", "sequence+1", "batch"],
    ["height*2+1", 2, "height"],
    ["height+5", 2, "floor((height+1)/2)+2"],
    ["batch", "sequence", "floor(batch/sequence)"],
  ])("%s by %s is %s", (dividend, divisor, quotient) => {
    expect(floorDivideDims(dividend, divisor)).toBe(quotient);
  });
});

test("arithmetic on symbols is arithmetic on what they stand for", () => {
  const size = fc.integer({ min: 1, max: 9 });
  const leaf = fc.oneof(fc.constantFrom<Dim>("a", "b", "c"), size);
  const operation = fc.constantFrom(addDims, subtractDims, multiplyDims, minimumOfDims);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(operation, leaf), { maxLength: 6 }),
      leaf,
      size,
      fc.record({ a: size, b: size, c: size }),
      (steps, first, divisor, symbols) => {
        const value = (dim: Dim): number => evaluateDim(dim, symbols) as number;
        let dim = first;
        let expected = value(first);
        for (const [apply, operand] of steps) {
          dim = apply(dim, operand);
          expected = apply(expected, value(operand)) as number;
        }
        expect(value(dim)).toBe(expected);
        expect(value(floorDivideDims(dim, divisor))).toBe(Math.floor(expected / divisor));
        expect(value(ceilDivideDims(dim, divisor))).toBe(Math.ceil(expected / divisor) + 0);
        expect(canonicalDim(dim)).toBe(dim);
      },
    ),
    { numRuns: 500 },
  );
});

test("the smaller of two may be negative where a difference is one of them", () => {
  const smaller = minimumOfDims(addDims(minimumOfDims(subtractDims("b", "a"), "a"), 1), 1);
  expect(evaluateDim(smaller, { a: 2, b: 1 })).toBe(0);
});

test("a symbol without a size has no value", () => {
  expect(evaluateDim("batch*12", {})).toBeUndefined();
});

test("a graph that squares a size again and again does not grow its expression without end", () => {
  const model = createModel({ name: "squares" });
  const builder = new GraphBuilder(model);
  let size = builder.op("Shape", [builder.input("x", "float32", ["batch", "a+b+c+d"])]);
  for (let count = 0; count < 60; count++) size = builder.op("Mul", [size, size]);
  expect(inferShapes(model).get(size)).toEqual({ type: 7, shape: [2] });
});
