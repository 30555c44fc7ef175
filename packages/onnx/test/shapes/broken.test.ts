import { isGraftError } from "@graft/error";
import { attribute, inferShapes } from "@graft/onnx";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { buildCase } from "./cases/case.ts";
import { CASES } from "./cases/table.ts";

/** What may go wrong with a node: operands change places or vanish, an attribute gets a number that does not fit. */
const damage = fc.record({ rotate: fc.nat(4), drop: fc.nat(4), number: fc.integer({ min: -9, max: 99 }), which: fc.nat(9) });

test("a node that does not fit its inputs gives a shape, no shape, or one error of ours", () => {
  const entries = Object.entries(CASES).flatMap(([operator, cases]) => cases.map((spec) => ({ operator, spec })));
  fc.assert(
    fc.property(fc.constantFrom(...entries), damage, ({ operator, spec }, { rotate, drop, number, which }) => {
      const { model } = buildCase(operator, spec);
      const node = model.graph?.node.at(-1);
      if (node === undefined) return;
      node.input = [...node.input.slice(rotate), ...node.input.slice(0, rotate)].filter((_, index) => index !== drop);
      const damaged = node.attribute[which];
      if (damaged !== undefined) node.attribute[which] = attribute(damaged.name, damaged.ints.length > 0 ? [number, 1] : number);
      try {
        inferShapes(model);
      } catch (error) {
        expect(isGraftError(error) && error.code).toBe("ONNX_INVALID");
      }
    }),
    { numRuns: 3_000 },
  );
});
