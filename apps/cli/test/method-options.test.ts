import { METHODS } from "@graft/methods";
import { expect, test } from "vitest";
import { methodOptions } from "../src/train/method-options.ts";

test("every option of LoRA can be given on the command line", () => {
  expect(
    methodOptions({
      method: "lora",
      targets: "query, value",
      exclude: "layer.0.*",
      rank: "4",
      alpha: "8",
      "rank-pattern": String.raw`query=2,layer\.1\..*=3`,
      "alpha-pattern": "value=1.5",
      "rank-stabilised": true,
      initialisation: "pissa",
      qkv: "query,value",
      dropout: "0.1",
      bias: "all",
      "learning-rate-ratio": "16",
    }),
  ).toEqual({
    name: "lora",
    targets: ["query", "value"],
    exclude: ["layer.0.*"],
    rank: 4,
    alpha: 8,
    rankPattern: { query: 2, [String.raw`layer\.1\..*`]: 3 },
    alphaPattern: { value: 1.5 },
    rankStabilised: true,
    initialisation: "pissa",
    qkv: ["query", "value"],
    dropout: 0.1,
    bias: "all",
    learningRateRatio: 16,
  });
});

test.each(Object.keys(METHODS))("%s needs no option but its name, and refuses what it does not have", (name) => {
  expect(methodOptions({ method: name })).toEqual({ name });
  const strange = name === "last-layers" ? { rank: "4" } : { layers: "2" };
  expect(() => methodOptions({ method: name, ...strange })).toThrow(
    expect.objectContaining({ code: "USAGE", message: expect.stringContaining("the method has no such option") }),
  );
});

test("a table without its numbers is refused with an example", () => {
  expect(() => methodOptions({ method: "lora", "rank-pattern": "query" })).toThrow(
    expect.objectContaining({ code: "USAGE", hint: '--rank-pattern "query=4,value=16"' }),
  );
  expect(() => methodOptions({ method: "lora", "rank-pattern": "query=0" })).toThrow(
    expect.objectContaining({ message: expect.stringContaining("whole number of at least 1") }),
  );
});
