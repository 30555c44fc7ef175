import { randomBase } from "@graft/train";
import { expect, test } from "vitest";
import { CONFIG } from "./tiny.ts";

test("a configuration of more weights than a graph can hold is refused before any is drawn", () => {
  expect(() => randomBase({ ...CONFIG, vocab_size: 2 ** 24, hidden_size: 2 ** 16 }, { seed: 1 })).toThrow(
    expect.objectContaining({ code: "LIMIT_EXCEEDED", message: expect.stringContaining("Cannot begin from random weights") }),
  );
});
