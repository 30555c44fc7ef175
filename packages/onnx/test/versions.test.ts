import { checkVersions, createModel, GraphBuilder, opsetVersion, VERSIONS } from "@graft/onnx";
import { expect, test } from "vitest";

test("a model of today passes and says its operator set", () => {
  const model = createModel({ name: "today", opset: 17 });
  expect(() => checkVersions(model)).not.toThrow();
  expect(opsetVersion(model)).toBe(17);
});

test.each([
  { opset: VERSIONS.opset.oldest - 1, message: /operator set is 8, want 9 to/ },
  { opset: VERSIONS.opset.newest + 1, message: /operator set is 27/ },
  { irVersion: 2, message: /IR version is 2, want 3 to/ },
  { irVersion: VERSIONS.ir.newest + 1, message: /IR version is 14/ },
])("$message", ({ message, ...options }) => {
  const model = createModel({ name: "other", ...options });
  expect(() => checkVersions(model)).toThrow(
    expect.objectContaining({ code: "ONNX_UNSUPPORTED", message: expect.stringMatching(message) }),
  );
});

test("a model without an operator set is broken", () => {
  const model = createModel({ name: "none" });
  model.opsetImport = [];
  expect(() => checkVersions(model)).toThrow(expect.objectContaining({ code: "ONNX_INVALID" }));
});

test("an operator of an unknown domain is named", () => {
  const builder = new GraphBuilder(createModel({ name: "custom" }));
  builder.op("Magic", [], { domain: "acme" });
  expect(() => checkVersions(builder.model)).toThrow(/operators of "acme"/);
});
