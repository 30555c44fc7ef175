import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBase } from "@graft/architectures/node";
import { openAdapter } from "@graft/format";
import type { TrainEvent } from "@graft/train";
import { trainFromFiles, type TrainFileOptions } from "@graft/train/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CONFIG, tinyRows, TOKENIZER_JSON } from "./tiny.ts";

let folder = "";
let tokenizerFile = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "graft-train-"));
  await mkdir(join(folder, "out"));
  tokenizerFile = join(folder, "tokenizer.json");
  await writeFile(tokenizerFile, JSON.stringify(TOKENIZER_JSON));
  await writeFile(
    join(folder, "tokenizer_config.json"),
    JSON.stringify({ tokenizer_class: "BertTokenizer", mask_token: "[MASK]", pad_token: "[PAD]" }),
  );
  await writeFile(
    join(folder, "rows.jsonl"),
    tinyRows(24)
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(""),
  );
  await writeFile(
    join(folder, "lines.txt"),
    tinyRows(24)
      .map(({ text }) => `${text}\n`)
      .join(""),
  );
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function run(options: Partial<TrainFileOptions>): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  const fresh = { config: CONFIG, tokenizerFile };
  for await (const event of trainFromFiles({
    base: fresh,
    task: "text-classification",
    method: { name: "lora", rank: 2 },
    data: join(folder, "rows.jsonl"),
    batchSize: 8,
    epochs: 1,
    threads: 1,
    ...options,
  }))
    events.push(event);
  return events;
}

describe("training between files", () => {
  test("begins from random weights, writes a checkpoint, and goes on from it to an adapter", async () => {
    const checkpoint = join(folder, "out", "checkpoint");
    await run({
      task: "masked-language-modelling",
      method: { name: "full" },
      data: join(folder, "lines.txt"),
      output: checkpoint,
      dtype: "F16",
    });
    expect((await readdir(checkpoint)).sort()).toEqual(["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]);
    expect(JSON.parse(await readFile(join(checkpoint, "config.json"), "utf8"))).toMatchObject({ hidden_size: CONFIG.hidden_size });
    expect((await openBase(checkpoint)).family).toBe("bert");

    const before = await readFile(join(checkpoint, "model.safetensors"));
    const output = join(folder, "out", "adapter.safetensors");
    await run({ base: checkpoint, output });
    const { manifest } = await openAdapter(await readFile(output));
    expect(manifest.base).toMatchObject({
      name: "checkpoint",
      files: [{ name: "model.safetensors", size: before.length }],
      tokenizer: expect.stringMatching(/^sha256:/),
    });
    const { name, version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8")) as Record<string, string>;
    expect(manifest.writer).toEqual({ name, version });
    expect(manifest.training).toMatchObject({ data: { rows: 24 }, hardware: { threads: 1 } });
    expect(await readFile(join(checkpoint, "model.safetensors"))).toEqual(before);
  });

  test("reads rows with a word that the first position predicts", async () => {
    const rows = tinyRows(16).map(({ text, label }, index) =>
      index % 2 === 0 ? { text, word: label === "animal" ? "dog" : "oak" } : text,
    );
    const events = await run({ task: "masked-language-modelling", method: { name: "full" }, data: rows });
    expect(events.at(-1)).toMatchObject({ type: "end", receipt: { data: { rows: 16 } } });
  });

  test("leaves no file behind when it fails or is cancelled", async () => {
    const output = join(folder, "out", "adapter.safetensors");
    await expect(run({ output, learningRate: 1e30, warmup: 0, maxGradientNorm: 0, epochs: 3 })).rejects.toMatchObject({
      code: "NOT_FINITE",
    });
    const controller = new AbortController();
    const running = (async () => {
      for await (const event of trainFromFiles({
        base: { config: CONFIG, tokenizerFile },
        task: "text-classification",
        method: { name: "head" },
        data: join(folder, "rows.jsonl"),
        epochs: 1000,
        output,
        signal: controller.signal,
      }))
        if (event.type === "step") controller.abort();
    })();
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await readdir(join(folder, "out"))).toEqual([]);
  });

  test("says what is missing", async () => {
    await expect(run({ data: join(folder, "absent.jsonl") })).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
    await expect(run({ base: join(folder, "absent") })).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
    await expect(run({ method: { name: "lora", targets: "qeury" } })).rejects.toMatchObject({ code: "TARGET_NOT_FOUND" });
  });
});
