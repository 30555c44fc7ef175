import { expect, test } from "vitest";
import { size } from "../../src/parts/size.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1 kB"],
  [724_312, "724 kB"],
  [999_600, "1 MB"],
  [1_170_000, "1.17 MB"],
  [90_900_000, "90.9 MB"],
  [5_000_000_000_000, "5 TB"],
])("%i bytes are written %s", (bytes, text) => {
  expect(size(bytes)).toBe(text);
});
