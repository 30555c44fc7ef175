import type { ModelProto } from "@graft/onnx";
import { describe, expect, test } from "vitest";
import { referee } from "../../../../test/referee.ts";
import { buildCase } from "./cases/case.ts";
import { CONTROL_CASES } from "./cases/control.ts";
import { CASES } from "./cases/table.ts";
import { disagreements, refereeShapes } from "./onnx-referee.ts";

describe.skipIf(referee === undefined)("onnx.shape_inference", () => {
  test("agrees with every case that it has a rule for", () => {
    const models: Record<string, ModelProto> = {};
    for (const [operator, cases] of Object.entries(CASES)) {
      for (const [index, spec] of cases.entries()) models[`${operator} ${index}`] = buildCase(operator, spec).model;
    }
    for (const [operator, build] of Object.entries(CONTROL_CASES)) models[operator] = build().model;
    const verdicts = refereeShapes(models);
    const found = Object.entries(models).flatMap(([name, model]) =>
      disagreements(model, verdicts[name] ?? {}).map((text) => `${name}: ${text}`),
    );
    expect(found).toEqual([]);
    const judged = Object.values(verdicts).filter((verdict) => verdict.error === undefined);
    expect(judged.length).toBeGreaterThan(200);
  });
});
