import { GraftError, restate } from "@graft/error";
import { expect, test } from "vitest";

test("an error is said again with the name of the file, its code, detail and hint kept", () => {
  const cause = new GraftError("SAFETENSORS_INVALID", 'Cannot read safetensors: the tensor "a: b" is cut', { detail: { reason: "x" } });
  expect(restate(cause, 'load "a.safetensors"', "Fetch it again")).toMatchObject({
    code: "SAFETENSORS_INVALID",
    message: 'Cannot load "a.safetensors": the tensor "a: b" is cut',
    hint: "Fetch it again",
    detail: { reason: "x" },
    cause,
  });
});

test("what is no GraftError passes through", () => {
  const cause = new TypeError("no");
  expect(restate(cause, "load")).toBe(cause);
});
