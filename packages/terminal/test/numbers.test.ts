import { expect, test } from "vitest";
import { counted, formatBytes, formatSeconds } from "@graft/terminal";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.00 kB"],
  [90_900_000, "90.9 MB"],
  [999_600, "1.00 MB"],
  [4_294_967_296, "4.29 GB"],
])("%i bytes read %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0.4, "0 s"],
  [59.4, "59 s"],
  [59.6, "1 min 00 s"],
  [185, "3 min 05 s"],
])("%f seconds read %s", (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test("one of something is one, and thousands are set apart", () => {
  expect([0, 1, 2, 3600].map((count) => counted(count, "row"))).toEqual(["0 rows", "1 row", "2 rows", "3,600 rows"]);
});

test("a count agrees with its noun, also one whose plural is its own", () => {
  expect([counted(1, "row"), counted(2_000, "row"), counted(1, "matrix", "matrices")]).toEqual(["1 row", "2,000 rows", "1 matrix"]);
});
