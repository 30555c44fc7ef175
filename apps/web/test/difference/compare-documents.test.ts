import { expect, test } from "vitest";
import { compareDocuments } from "../../src/difference/compare-documents.ts";

test("equal documents have no changes, whatever the order of their keys", () => {
  expect(compareDocuments({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toEqual([]);
});

test("a leaf that changed, came or went is one change each", () => {
  expect(compareDocuments({ a: { b: 1 }, gone: true }, { a: { b: 2 }, new: null })).toEqual([
    { path: "a.b", count: 1, before: "1", after: "2" },
    { path: "gone", count: 1, before: "true", after: undefined },
    { path: "new", count: 1, before: undefined, after: "null" },
  ]);
});

test("places of a list that changed alike are told once, with their number", () => {
  const targets = (rank: number) => ({ targets: Array.from({ length: 18 }, () => ({ rank })) });
  expect(compareDocuments(targets(8), targets(16))).toEqual([{ path: "targets.*.rank", count: 18, before: "8", after: "16" }]);
});
