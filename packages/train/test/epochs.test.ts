import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { batchesByLength, padBatch } from "@graft/runtime";
import { loadTokenizer } from "@graft/runtime/node";
import { expect, test } from "vitest";

const TINY_ENGLISH = new URL("../../tiny-english/", import.meta.url);

test("less than a twentieth of the 3,600 glosses' tokens is padding, in fewer than 32 shapes", async () => {
  const { tokenizer } = await loadTokenizer(fileURLToPath(new URL("tiny-english/tokenizer.json", TINY_ENGLISH)));
  const lines = (await readFile(new URL("data/gloss-topics/train.jsonl", TINY_ENGLISH), "utf8")).trim().split("\n");
  const rows = lines.map((line) => tokenizer.encode((JSON.parse(line) as { text: string }).text));
  const lengths = rows.map(({ ids }) => ids.length);
  const shapes = batchesByLength(lengths, { batchSize: 16, seed: 1 }).map(
    (batch) =>
      padBatch(
        batch.flatMap((index) => rows[index] ?? []),
        { padId: 0, rounded: true },
      ).input_ids.dims,
  );
  const padded = shapes.reduce((sum, [count = 0, width = 0]) => sum + count * width, 0);
  expect(1 - lengths.reduce((sum, length) => sum + length, 0) / padded).toBeLessThan(0.05);
  expect(new Set(shapes.map(String)).size).toBeLessThan(32);
});
