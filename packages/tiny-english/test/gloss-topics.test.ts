import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { GLOSS_TOPICS } from "@graft/tiny-english";
import { pretrainingRows } from "../scripts/recipe.ts";
import { makeTopics, type Row } from "../scripts/topics.ts";

const shipped = (path: string): Row[] =>
  readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Row);
const { train, test: heldOut } = makeTopics();

test("the shipped rows are what the script makes", () => {
  expect(shipped(GLOSS_TOPICS.train)).toEqual(train);
  expect(shipped(GLOSS_TOPICS.test)).toEqual(heldOut);
});

test("six labels have 600 training and 100 held-out rows each", () => {
  for (const [rows, count] of [
    [train, 600],
    [heldOut, 100],
  ] as const) {
    const counts = new Map<string, number>();
    for (const { label } of rows) counts.set(label, (counts.get(label) ?? 0) + 1);
    expect([...counts].sort()).toEqual(["act", "animal", "artifact", "location", "person", "plant"].map((label) => [label, count]));
  }
});

test("no definition occurs twice, and none carries an example sentence", () => {
  const texts = [...train, ...heldOut].map((row) => row.text.toLowerCase());
  expect(new Set(texts).size).toBe(texts.length);
  expect(texts.filter((text) => /; "/.test(text))).toEqual([]);
});

test("no held-out definition is a row of the pre-training text", () => {
  const read = new Set(pretrainingRows({ copies: { glosses: 1, examples: 1, prose: 1 }, seed: 1 }).map((row) => row.text.toLowerCase()));
  expect(heldOut.filter((row) => read.has(row.text.toLowerCase()))).toEqual([]);
});
