import { createModel, GraphBuilder } from "@graft/onnx";
import { appendGradients, GRADIENTS } from "@graft/autodiff";
import { describe, expect, it } from "vitest";
import { CASES } from "./cases/table.ts";
import { gradientError } from "./finite-differences.ts";

const OPSETS = [13, 18, 21];

describe.each(Object.entries(GRADIENTS))("%s", (operator, rule) => {
  if (rule === null) {
    it("passes no gradient on", () => {
      const builder = new GraphBuilder(createModel({ name: "case" }));
      const x = builder.input("x", "float32", [2]);
      const stopped = builder.op(operator, [x]);
      const loss = builder.op("ReduceSum", [builder.op("Mul", [builder.op("Unknown", [stopped]), x])], { attributes: { keepdims: 0 } });
      expect([...appendGradients(builder, { loss, wrt: ["x"] }).keys()]).toEqual(["x"]);
    });
    return;
  }
  const cases = CASES[operator] ?? [];
  it("has a case", () => expect(cases).not.toHaveLength(0));
  it.each(cases.map((entry) => [entry.name ?? "", entry] as const))("agrees with finite differences: %s", async (_, entry) => {
    for (const opset of entry.opsets ?? OPSETS) {
      for (const sizes of ["known", "symbolic"] as const) {
        expect(await gradientError(entry, { opset, sizes }), `opset ${opset}, ${sizes} sizes`).toBeLessThan(1e-3);
      }
    }
  });
});

it("has a row for every case", () => expect(Object.keys(CASES).filter((operator) => !(operator in GRADIENTS))).toEqual([]));
