import { describe, expect, it } from "vitest";
import { noWebgpu } from "../../../test/webgpu.ts";
import { CASES } from "./cases/table.ts";
import { gradientsOn } from "./finite-differences.ts";

/** The processor's gradients are held to finite differences by `gradients.test.ts`; a graphics device must give the same. */
/** Rules that need what no WebGPU kernel of the runtime gives: sessions with them are refused there. */
const WITHOUT: Readonly<Record<string, string>> = { MaxPool: "the places of the largest elements" };

describe.skipIf(noWebgpu !== undefined)("on WebGPU", () => {
  const cases = Object.entries(CASES).flatMap(([operator, [check]]) =>
    check === undefined || operator in WITHOUT ? [] : [{ operator, check }],
  );
  it.each(cases)("$operator has the gradient of the processor", async ({ check }) => {
    const opset = check.opsets?.at(-1) ?? 21;
    const [expected, found] = [await gradientsOn("cpu", { check, opset }), await gradientsOn("webgpu", { check, opset })];
    for (const [name, { values }] of Object.entries(expected)) {
      const scale = Math.max(1, ...values.map(Math.abs));
      const worst = Math.max(0, ...values.map((value, index) => Math.abs(value - (found[name]?.values[index] ?? Number.NaN)) / scale));
      expect(worst, name).toBeLessThan(2e-4);
    }
  });
});
