import { expect, test } from "vitest";
import { formatTable } from "@graft/terminal";

test("words stand at the left, numbers at the right, and no line ends in spaces", () => {
  expect(
    formatTable([
      ["name", "rows"],
      ["a", 5],
      ["longer", 1234],
    ]),
  ).toEqual(["name    rows", "a          5", "longer  1234"]);
});

test("no rows give no lines", () => {
  expect(formatTable([])).toEqual([]);
});
