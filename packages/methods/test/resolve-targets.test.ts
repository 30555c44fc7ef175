import { describe, expect, test } from "vitest";
import { resolveTargets } from "@graft/methods";

const linear = (module: string): { module: string; operator: string; input: string } => ({ module, operator: "MatMul", input: "x" });
const BASE = [
  { module: "embeddings.word_embeddings", operator: "Gather", input: "input_ids" },
  ...[0, 1, 10].flatMap((layer) =>
    [
      "attention.self.query",
      "attention.self.key",
      "attention.self.value",
      "attention.output.dense",
      "intermediate.dense",
      "output.dense",
    ].map((name) => linear(`encoder.layer.${layer}.${name}`)),
  ),
  linear("pooler.dense"),
];

function found(targets: string | readonly string[], exclude?: string | readonly string[]): string[] {
  return resolveTargets(BASE, { targets, exclude, family: "bert" }).map(({ module }) => module);
}

test("`attention` means query and value for BERT, as in PEFT's table", () => {
  expect(found("attention")).toEqual(
    [0, 1, 10].flatMap((layer) => ["query", "value"].map((name) => `encoder.layer.${layer}.attention.self.${name}`)),
  );
});

test("`all-linear` means every product of the encoder, not embeddings and not the pooler", () => {
  expect(found("all-linear")).toHaveLength(18);
});

test("a name matches the end of a path, at a dot", () => {
  expect(found("query")).toHaveLength(3);
  expect(found("output.dense")).toHaveLength(6);
  expect(found("attention.output.dense")).toHaveLength(3);
  expect(() => found("uery")).toThrow(expect.objectContaining({ code: "TARGET_NOT_FOUND" }));
});

test("a path inside the task's class is the same module", () => {
  expect(found("bert.encoder.layer.1.attention.self.key")).toEqual(["encoder.layer.1.attention.self.key"]);
});

test("`*` stands for one name and `**` for any number", () => {
  expect(found("layer.*.attention.self.query")).toHaveLength(3);
  expect(found("layer.1*.attention.self.query")).toHaveLength(2);
  expect(found("layer.0.**")).toHaveLength(6);
  expect(() => found("layer.*.query")).toThrow(expect.objectContaining({ code: "TARGET_NOT_FOUND" }));
});

test("what is excluded is left out, in the order of the graph, each once", () => {
  expect(found(["value", "query", "attention"], ["layer.0.**", "layer.10.**"])).toEqual([
    "encoder.layer.1.attention.self.query",
    "encoder.layer.1.attention.self.value",
  ]);
});

describe("TARGET_NOT_FOUND", () => {
  test("says what could have been meant", () => {
    expect(() => found("qurey")).toThrow(
      expect.objectContaining({ code: "TARGET_NOT_FOUND", hint: expect.stringContaining('Did you mean "query"') }),
    );
  });
  test("lists what the base has, layers folded", () => {
    expect(() => found("nothing-like-it")).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("encoder.layer.*.attention.self.query") }),
    );
  });
  test("is raised for a misspelt exclusion too, and when nothing is left", () => {
    expect(() => found("query", "vlaue")).toThrow(expect.objectContaining({ code: "TARGET_NOT_FOUND" }));
    expect(() => found("query", "query")).toThrow(expect.objectContaining({ code: "TARGET_NOT_FOUND" }));
  });
});

test("`all-linear` leaves out a language head that is the table of word embeddings", () => {
  const tied = [{ module: "wte", operator: "Gather", input: "" }, linear("h.0.attn.c_attn"), linear("wte")];
  expect(resolveTargets(tied, { targets: "all-linear", family: "gpt2" }).map(({ module }) => module)).toEqual(["h.0.attn.c_attn"]);
});
