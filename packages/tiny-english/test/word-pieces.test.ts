import { expect, test } from "vitest";
import { learnWordPieces, splitWords } from "../scripts/word-pieces.ts";

test("words are split as BERT splits them: lower case, no accents, punctuation apart", () => {
  expect(splitWords("A Café, (in 1890)!")).toEqual(["a", "cafe", ",", "(", "in", "1890", ")", "!"]);
});

test("the most frequent neighbours are joined first", () => {
  const pieces = learnWordPieces(["low low low lower", "newest newest"], { size: 14, special: ["[UNK]"], minimumCharacters: 1 });
  expect(pieces[0]).toBe("[UNK]");
  expect(pieces).toContain("low");
  expect(pieces).toHaveLength(14);
});

test("a character that is rarer than the least is no piece", () => {
  expect(learnWordPieces(["aaa aaa ☃"], { size: 10, special: [], minimumCharacters: 2 })).not.toContain("☃");
});

test("the same text gives the same pieces", () => {
  const text = ["the cat sat on the mat", "the dog sat on the log"];
  const options = { size: 30, special: [], minimumCharacters: 1 };
  expect(learnWordPieces(text, options)).toEqual(learnWordPieces(text, options));
});
