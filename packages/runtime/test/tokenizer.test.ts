import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "@graft/digest";
import { checkVocabulary, createTokenizer } from "@graft/runtime";
import { loadTokenizer } from "@graft/runtime/node";
import { describe, expect, onTestFinished, test } from "vitest";
import { PIECES, tinyTokenizer } from "./tiny-tokenizer.ts";

const tokenizer = createTokenizer(tinyTokenizer());
const pieces = (text: string, options?: { pair?: string; maxLength?: number }) =>
  tokenizer
    .encode(text, options)
    .ids.map((id) => PIECES[id])
    .join(" ");

test("a text is split into pieces between its special tokens", () => {
  expect(pieces("ab Café!")).toBe("[CLS] a ##b cafe ! [SEP]");
  expect(tokenizer.encode("ab").typeIds).toEqual([0, 0, 0, 0]);
});

test("a pair has the second type from its second text on, also when that is empty", () => {
  expect(pieces("a", { pair: "b c" })).toBe("[CLS] a [SEP] b c [SEP]");
  expect(tokenizer.encode("a", { pair: "b c" }).typeIds).toEqual([0, 0, 0, 1, 1, 1]);
  expect(pieces("a", { pair: "" })).toBe("[CLS] a [SEP] [SEP]");
});

test("an empty text is its special tokens, and what is unknown is one token", () => {
  expect(pieces("")).toBe("[CLS] [SEP]");
  expect(pieces("xyz")).toBe("[CLS] [UNK] [SEP]");
});

test("special tokens written out in a text are those tokens", () => {
  expect(pieces("a [MASK] b")).toBe("[CLS] a [MASK] b [SEP]");
});

test("rare ideographs stand alone and a final sigma is a sigma, as in Python", () => {
  expect(pieces("a𠀀b字c")).toBe("[CLS] a 𠀀 b 字 c [SEP]");
  expect(pieces("Σ")).toBe("[CLS] σ [SEP]");
  expect(pieces("aΣ")).toBe("[CLS] [UNK] [SEP]");
});

describe("what is too long is cut", () => {
  test("at its end, the special tokens kept", () => {
    expect(pieces("a b c a b", { maxLength: 4 })).toBe("[CLS] a b [SEP]");
  });

  test("the longer text of a pair first, then both to halves", () => {
    expect(pieces("a b c a b c", { pair: "a b", maxLength: 8 })).toBe("[CLS] a b c [SEP] a b [SEP]");
    expect(pieces("a b c a b c", { pair: "a b c a b c", maxLength: 8 })).toBe("[CLS] a b [SEP] a b c [SEP]");
    expect(pieces("a", { pair: "a b c a b c", maxLength: 7 })).toBe("[CLS] a [SEP] a b c [SEP]");
  });

  test("to nothing but special tokens, and no further", () => {
    expect(pieces("a b", { maxLength: 2 })).toBe("[CLS] [SEP]");
    expect(() => tokenizer.encode("a", { maxLength: 1 })).toThrow(
      expect.objectContaining({ code: "USAGE", message: "Cannot cut a text to 1 tokens: the special tokens alone take 2" }),
    );
  });
});

test("special tokens are known by their roles", () => {
  expect(tokenizer).toMatchObject({
    vocabSize: PIECES.length,
    padId: 0,
    special: { pad: 0, unk: 1, cls: 2, sep: 3, mask: 4 },
    maxLength: undefined,
  });
  expect([...tokenizer.specialIds]).toEqual([0, 1, 2, 3, 4]);
  const other = createTokenizer(tinyTokenizer(), { pad_token: { content: "[MASK]" }, model_max_length: 128 });
  expect(other).toMatchObject({ padId: 4, maxLength: 128 });
});

test("the placeholder that transformers writes for no limit is no limit", () => {
  expect(createTokenizer(tinyTokenizer(), { model_max_length: 1e30 }).maxLength).toBeUndefined();
});

test("tokenizer_config.json overrules the normaliser, as in transformers", () => {
  const cased = createTokenizer(tinyTokenizer(), { do_lower_case: false });
  expect(cased.encode("A a").ids.map((id) => PIECES[id])).toEqual(["[CLS]", "[UNK]", "a", "[SEP]"]);
});

test("ids are turned back into text", () => {
  expect(tokenizer.decode(tokenizer.encode("ab café!").ids)).toBe("ab cafe!");
  expect(tokenizer.decode([2, 5, 3], { skipSpecial: false })).toBe("[CLS] a [SEP]");
  expect(tokenizer.decode([])).toBe("");
});

describe("a broken tokenizer is TOKENIZER_INVALID", () => {
  const cases: Record<string, unknown> = {
    "no object": [],
    "no model": { added_tokens: [] },
    "no vocabulary": tinyTokenizer({ model: { type: "WordPiece" } }),
    "a vocabulary without ids": tinyTokenizer({ model: { type: "WordPiece", vocab: { a: "0" } } }),
    "added tokens without ids": tinyTokenizer({ added_tokens: [{ content: "[PAD]" }] }),
    "an unknown model": tinyTokenizer({ model: { type: "Morse", vocab: { a: 0 } } }),
    "an unknown normaliser": tinyTokenizer({ normalizer: { type: "Rot13" } }),
  };
  for (const [name, json] of Object.entries(cases)) {
    test(name, () =>
      expect(() => createTokenizer(json)).toThrow(expect.objectContaining({ name: "GraftError", code: "TOKENIZER_INVALID" })),
    );
  }
});

test("a tokenizer with more tokens than the base has embeddings is refused", () => {
  expect(() => checkVocabulary(tokenizer, PIECES.length)).not.toThrow();
  expect(() => checkVocabulary(tokenizer, PIECES.length - 1)).toThrow(
    expect.objectContaining({
      code: "TOKENIZER_INVALID",
      message: expect.stringContaining("it has 15 tokens, the base has 14 word embeddings"),
    }),
  );
});

test("a file is read with the configuration beside it, and has a digest", async () => {
  const folder = await mkdtemp(join(tmpdir(), "graft-tokenizer-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "tokenizer.json");
  await expect(loadTokenizer(file)).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  const text = JSON.stringify(tinyTokenizer());
  await writeFile(file, text);
  await writeFile(join(folder, "tokenizer_config.json"), '{"model_max_length": 64}');
  const loaded = await loadTokenizer(file);
  expect(loaded.tokenizer.maxLength).toBe(64);
  expect(loaded.digest).toBe(await sha256(new TextEncoder().encode(text)));
  await expect(loadTokenizer(file, { vocabSize: 3 })).rejects.toMatchObject({ code: "TOKENIZER_INVALID" });
  await writeFile(file, "{");
  await expect(loadTokenizer(file)).rejects.toMatchObject({ code: "TOKENIZER_INVALID" });
});
