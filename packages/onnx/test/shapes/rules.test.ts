import { inferShapes, SHAPE_RULES } from "@graft/onnx";
import { describe, expect, test } from "vitest";
import { buildCase, SYMBOLS } from "./cases/case.ts";
import { CONTROL_CASES } from "./cases/control.ts";
import { CASES } from "./cases/table.ts";
import { contradictions, inventedSymbols, observeValues } from "./observe.ts";

test("every rule has a case", () => {
  expect([...Object.keys(CASES), ...Object.keys(CONTROL_CASES)].sort()).toEqual(Object.keys(SHAPE_RULES).sort());
});

describe("what a rule foretells is what ONNX Runtime computes", () => {
  test.each(Object.entries(CASES))("%s", async (operator, cases) => {
    for (const [index, spec] of cases.entries()) {
      const { model, feeds } = buildCase(operator, spec);
      const inferred = inferShapes(model);
      const observed = await observeValues(model, feeds);
      expect(contradictions(inferred, { observed, symbols: SYMBOLS }), `case ${index}`).toEqual([]);
      if (spec.open === undefined) expect(inventedSymbols(inferred), `case ${index}`).toEqual([]);
    }
  });

  test.each(Object.entries(CONTROL_CASES))("%s", async (_, build) => {
    const { model, feeds } = build();
    expect(contradictions(inferShapes(model), { observed: await observeValues(model, feeds), symbols: SYMBOLS })).toEqual([]);
  });
});
