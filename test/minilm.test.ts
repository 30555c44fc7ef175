import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { load } from "@graft/loader/node";
import { loadTokenizer } from "@graft/runtime/node";
import { GLOSS_TOPICS } from "@graft/tiny-english";
import { trainFromFiles } from "@graft/train/node";
import { type Exports, minilmExports } from "./exports.ts";
import { askPeft } from "./peft.ts";
import { referee } from "./referee.ts";

const TEXTS = ["a small yellow bird that sings", "a city on the coast of Portugal", "someone who repairs shoes"];

function difference(left: readonly ArrayLike<number>[], right: readonly ArrayLike<number>[]): number {
  return Math.max(
    ...left.flatMap((row, index) => Array.from(row, (value, column) => Math.abs(value - (right[index]?.[column] ?? Number.NaN)))),
  );
}

describe.skipIf(referee === undefined)("an adapter trained on all-MiniLM-L6-v2", () => {
  let exports: Exports;
  let adapter: string;
  let logits: Float32Array[];
  beforeAll(async () => {
    exports = minilmExports() as Exports;
    adapter = join(await mkdtemp(join(tmpdir(), "graft-minilm-")), "adapter.safetensors");
    const recipe = { method: { name: "lora", rank: 8 }, batchSize: 8, steps: 6, learningRate: 2e-3, seed: 1 } as const;
    for await (const _ of trainFromFiles({
      ...recipe,
      base: exports.checkpoint,
      task: "text-classification",
      data: GLOSS_TOPICS.train,
      output: adapter,
    }));
    await using model = await load(exports.checkpoint, { adapters: [adapter] });
    logits = (await model.run(TEXTS)).map((prediction) => prediction.logits);
  });

  test("gives the same logits in PEFT, to 1e-4", async () => {
    const { tokenizer } = await loadTokenizer(join(exports.checkpoint, "tokenizer.json"));
    const rows = TEXTS.map((text) => tokenizer.encode(text).ids);
    const [answer] = await askPeft([{ base: exports.checkpoint, adapter: await readFile(adapter), rows }]);
    expect(difference(logits, answer?.attached ?? [])).toBeLessThan(1e-4);
    expect(difference(logits, answer?.merged ?? [])).toBeLessThan(1e-4);
  });

  test.each(["hub", "legacy", "dynamo"] as const)("merges into the %s form with the same logits, to 1e-4", async (form) => {
    const tokenizer = join(exports.checkpoint, "tokenizer.json");
    await using model = await load(exports[form], { adapters: [adapter], mode: "merge", tokenizer });
    expect(
      difference(
        logits,
        (await model.run(TEXTS)).map((prediction) => prediction.logits),
      ),
    ).toBeLessThan(1e-4);
  });
});
