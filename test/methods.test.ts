import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { load } from "@graft/loader/node";
import { type Method, type MethodOptions, METHODS } from "@graft/methods";
import { GLOSS_TOPICS, TINY_ENGLISH_FOLDER } from "@graft/tiny-english";
import { trainFromFiles } from "@graft/train/node";
import type { AdapterResult } from "@graft/train";

/** Each method with the targets and the learning rate with which two epochs of thirty steps teach it most of the topics. */
const RUNS: Readonly<Record<string, { method: MethodOptions; learningRate?: number; epochs?: number }>> = {
  lora: { method: { name: "lora", targets: "all-linear" }, learningRate: 4e-3 },
  dora: { method: { name: "dora", targets: "all-linear" }, learningRate: 4e-3 },
  ia3: { method: { name: "ia3" }, learningRate: 2e-2 },
  full: { method: { name: "full" }, learningRate: 8e-4 },
  "last-layers": { method: { name: "last-layers" }, learningRate: 1e-3 },
  bitfit: { method: { name: "bitfit" }, learningRate: 1e-2 },
  // Prefixes are hard to optimise (LoRA paper, §3): they take twice as long, the head they are compared with as well.
  "prefix-embedding": { method: { name: "prefix-embedding" }, epochs: 4 },
  "prefix-layer": { method: { name: "prefix-layer" }, epochs: 4 },
  bottleneck: { method: { name: "bottleneck" }, learningRate: 4e-3 },
};

/** Share of the held-out rows by which a method must be better: three of six hundred. */
const MARGIN = 0.005;
const EPOCHS = 2;

const files = { data: "", evaluation: "" };
/** Accuracy of the head alone, by epochs. */
const heads = new Map<number, number>();

/** Every `step`th of the first `count` rows of the topics. */
async function part(path: string, { step, count }: { step: number; count: number }): Promise<string> {
  const lines = (await readFile(path, "utf8")).trim().split("\n");
  const file = join(await mkdtemp(join(tmpdir(), "graft-topics-")), "rows.jsonl");
  await writeFile(
    file,
    lines
      .filter((_, index) => index % step === 0)
      .slice(0, count)
      .join("\n"),
  );
  return file;
}

async function run({ method, learningRate, epochs = EPOCHS }: (typeof RUNS)[string]): Promise<{ accuracy: number; result: AdapterResult }> {
  const options = { base: TINY_ENGLISH_FOLDER, task: "text-classification", epochs, batchSize: 16, ...files } as const;
  for await (const event of trainFromFiles({ ...options, method, ...(learningRate === undefined ? {} : { learningRate }) })) {
    if (event.type !== "end") continue;
    if (event.result.kind !== "adapter") break;
    return { accuracy: event.receipt.metrics["accuracy"] ?? 0, result: event.result };
  }
  throw new Error("training gave no adapter");
}

beforeAll(async () => {
  files.data = await part(GLOSS_TOPICS.train, { step: 7, count: 480 });
  files.evaluation = await part(GLOSS_TOPICS.test, { step: 1, count: 600 });
  for (const epochs of new Set(Object.values(RUNS).map((one) => one.epochs ?? EPOCHS)))
    heads.set(epochs, (await run({ method: { name: "head" }, learningRate: 2e-3, epochs })).accuracy);
});

test("every method has its run", () => {
  expect(Object.keys(RUNS).sort()).toEqual(
    Object.keys(METHODS)
      .filter((name) => name !== "head")
      .sort(),
  );
});

describe.each(Object.entries(RUNS))("%s on the gloss topics", (name, settings) => {
  test("does better than the head alone, and its file gives the trained graph's outputs merged and attached", async () => {
    const { method, epochs = EPOCHS } = settings;
    const { accuracy, result } = await run(settings);
    expect(accuracy).toBeGreaterThan((heads.get(epochs) ?? 1) + MARGIN);
    const { unmergeable } = METHODS[method.name] as Method;
    const replaces = result.manifest.tensors.some(({ role }) => role === "replacement");
    const modes = [...(unmergeable === undefined ? ["merge" as const] : []), ...(replaces ? [] : ["attach" as const])];
    expect(modes, name).not.toHaveLength(0);
    for (const mode of modes) {
      // Loading runs the golden cases, and refuses other outputs than those of the trained graph.
      await using model = await load(TINY_ENGLISH_FOLDER, { adapters: [result.bytes], mode });
      expect(model.adapters[0]?.goldenCases).toBe(result.manifest.golden?.cases.length);
    }
  });
});
