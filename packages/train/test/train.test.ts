import { openAdapter } from "@graft/format";
import { openSession } from "@graft/runtime/node";
import { bytesSource, openSafetensors } from "@graft/safetensors";
import { type EndEvent, train, type TrainEvent, type TrainOptions } from "@graft/train";
import { describe, expect, test } from "vitest";
import { tinyBase, tinyRows, tinyTokenizer } from "./tiny.ts";

const rows = tinyRows(60);
const evaluation = tinyRows(90).slice(60);
const classification = { type: "text-classification", rows, evaluation } as const;
const base = tinyBase();

async function run(options: Partial<TrainOptions> = {}): Promise<{ events: TrainEvent[]; end: EndEvent }> {
  const events: TrainEvent[] = [];
  for await (const event of train({
    base,
    tokenizer: tinyTokenizer(),
    openSession,
    threads: 1,
    task: classification,
    method: { name: "lora", rank: 4, targets: "all-linear" },
    epochs: 2,
    batchSize: 8,
    learningRate: 5e-3,
    ...options,
  }))
    events.push(event);
  return { events, end: events.at(-1) as EndEvent };
}

async function tensorsOf({ result }: EndEvent): Promise<Map<string, Float32Array>> {
  if (result.kind !== "adapter") return new Map([...result.tensors].map(([key, { data }]) => [key, new Float32Array(data.slice().buffer)]));
  const file = await openSafetensors(bytesSource(result.bytes));
  return new Map(
    await Promise.all(
      [...file.header.tensors.keys()].map(async (key) => [key, new Float32Array((await file.tensor(key)).data.slice().buffer)] as const),
    ),
  );
}

describe("training", () => {
  test("tells what inserted positions leave for tokens, and cuts longer rows", async () => {
    const text = Array.from({ length: 30 }, () => "cat").join(" ");
    const task = { ...classification, rows: [...rows, { text, label: "animal" }] } as const;
    const { events } = await run({ task, method: { name: "prefix-embedding", prefix: 3, infix: 2 }, steps: 1 });
    expect(events[0]).toMatchObject({ room: { inserted: 5, left: 27 }, truncated: 1 });
    expect((await run({ task, steps: 1 })).events[0]).toMatchObject({ room: { inserted: 0, left: 32 }, truncated: 0 });
    await expect(run({ method: { name: "prefix-layer", prefix: 32 } })).rejects.toMatchObject({ code: "USAGE" });
  });

  test("tells what it will do, each step, each epoch's evaluation, and the end", async () => {
    const { events, end } = await run();
    expect(events.map(({ type }) => type)).toEqual([
      "start",
      ...Array.from({ length: 8 }, () => "step"),
      "evaluation",
      ...Array.from({ length: 8 }, () => "step"),
      "evaluation",
      "end",
    ]);
    expect(events[0]).toMatchObject({
      rows: 60,
      evaluationRows: 30,
      truncated: 0,
      targets: 12,
      steps: 16,
      epochs: 2,
      labels: ["animal", "place", "plant"],
    });
    expect(events[1]).toMatchObject({ step: 1, steps: 16, epoch: 1, learningRate: 0, loss: expect.closeTo(Math.log(3), 0) });
    for (const event of events)
      if (event.type === "step")
        expect(event).toMatchObject({
          tokensPerSecond: expect.any(Number),
          secondsLeft: expect.any(Number),
          peakMemory: expect.any(Number),
          gradientNorm: expect.any(Number),
        });
    expect(end.receipt).toMatchObject({
      seed: 42,
      steps: 16,
      epochs: 2,
      data: { rows: 60 },
      evaluation: { rows: 30 },
      hyperparameters: { batchSize: 8, learningRate: 5e-3 },
    });
    expect(Object.keys(end.receipt.metrics).sort()).toEqual(["accuracy", "f1", "loss"]);
  });

  test("learns what the rows say", async () => {
    const { end } = await run({ method: { name: "lora" }, epochs: 25 });
    expect(end.receipt.metrics["accuracy"]).toBe(1);
    expect(end.receipt.metrics["f1"]).toBe(1);
  });

  test("gives the same bytes for the same seed, and others for another", async () => {
    const [first, second, other] = [await run(), await run(), await run({ seed: 43 })].map(({ end }) =>
      end.result.kind === "adapter" ? end.result.bytes : new Uint8Array(),
    );
    expect(Buffer.compare(first ?? Buffer.of(), second ?? Buffer.of())).toBe(0);
    expect(Buffer.compare(first ?? Buffer.of(), other ?? Buffer.of())).not.toBe(0);
  });

  test("writes an adapter that opens, bound to the base, with the outputs it gave", async () => {
    const { end } = await run();
    if (end.result.kind !== "adapter") throw new Error("no adapter");
    const { manifest } = await openAdapter(end.result.bytes);
    expect(manifest).toEqual(end.result.manifest);
    expect(manifest).toMatchObject({
      method: { name: "lora", rank: 4 },
      task: { type: "text-classification", labels: ["animal", "place", "plant"] },
      base: { fingerprint: expect.stringMatching(/^sha256:/), family: "bert" },
    });
    expect(manifest.targets).toHaveLength(12);
    expect(manifest.golden?.cases).toHaveLength(4);
    for (const { outputs } of manifest.golden?.cases ?? []) expect(outputs).toHaveLength(3);
    expect(JSON.stringify(manifest)).not.toMatch(/second|memory|date/i);
  });

  test("changes exactly the tensors of the method and the head", async () => {
    const layer = [0, 1].flatMap((index) =>
      ["A", "B"].map((factor) => `base_model.model.bert.encoder.layer.${index}.attention.self.query.lora_${factor}.weight`),
    );
    const head = ["bert.pooler.dense", "classifier"].flatMap((module) =>
      ["weight", "bias"].map((part) => `base_model.model.${module}.${part}`),
    );
    const start = await tensorsOf((await run({ method: { name: "lora", rank: 2, targets: "query" }, steps: 1 })).end);
    const after = await tensorsOf((await run({ method: { name: "lora", rank: 2, targets: "query" }, steps: 9 })).end);
    expect([...after.keys()].sort()).toEqual([...layer, ...head].sort());
    for (const [key, values] of after) expect(values, key).not.toEqual(start.get(key));
    const whole = await tensorsOf((await run({ method: { name: "head" }, steps: 2 })).end);
    expect([...whole.keys()].sort()).toEqual(head.sort());
  });

  test("of a whole base by masked-language modelling gives a checkpoint, and the loss falls", async () => {
    const lines = rows.map(({ text }) => text);
    const { events, end } = await run({
      task: { type: "masked-language-modelling", rows: lines, evaluation: lines.slice(0, 10) },
      method: { name: "full" },
      epochs: 15,
    });
    const losses = events.flatMap((event) => (event.type === "step" ? [event.loss] : []));
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) * 0.9);
    if (end.result.kind !== "checkpoint") throw new Error("no checkpoint");
    expect([...end.result.tensors.keys()].sort()).toEqual(
      [
        ...(base.model.graph?.initializer ?? []).filter(({ name }) => name.includes(".")).map(({ name }) => `bert.${name}`),
        ...["transform.dense.weight", "transform.dense.bias", "transform.LayerNorm.weight", "transform.LayerNorm.bias", "bias"].map(
          (name) => `cls.predictions.${name}`,
        ),
      ].sort(),
    );
  });

  test("keeps the best epoch when asked to", async () => {
    const { events, end } = await run({ epochs: 4, learningRate: 0.2, keep: "best" });
    const losses = events.flatMap((event) => (event.type === "evaluation" ? [event.metrics["loss"] ?? Number.NaN] : []));
    expect(end.receipt.metrics["loss"]).toBe(Math.min(...losses));
  });

  test("cuts rows that are too long, and counts them", async () => {
    const { events } = await run({ maxLength: 5, steps: 1 });
    expect(events[0]).toMatchObject({ truncated: rows.concat(evaluation).filter(({ text }) => text.split(" ").length > 3).length });
  });

  test("stops with the step when the loss is lost", async () => {
    await expect(run({ learningRate: 1e30, warmup: 0, maxGradientNorm: 0 })).rejects.toMatchObject({
      code: "NOT_FINITE",
      message: expect.stringMatching(/of step \d+ is (NaN|-?Infinity)/),
    });
  });

  test("stops when it is cancelled, before or in the middle", async () => {
    await expect(run({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "CANCELLED" });
    const controller = new AbortController();
    const running = (async () => {
      for await (const event of train({
        base,
        tokenizer: tinyTokenizer(),
        openSession,
        threads: 1,
        task: classification,
        method: { name: "head" },
        epochs: 1000,
        signal: controller.signal,
      }))
        if (event.type === "step" && event.step === 3) controller.abort();
    })();
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
  });

  test("refuses no rows, one label, and labels that only the evaluation has", async () => {
    await expect(run({ task: { type: "text-classification", rows: [] } })).rejects.toMatchObject({ code: "DATA_EMPTY" });
    await expect(run({ task: { type: "text-classification", rows: rows.filter(({ label }) => label === "plant") } })).rejects.toMatchObject(
      { code: "DATA_INVALID", message: expect.stringContaining('"plant"') },
    );
    await expect(run({ task: { ...classification, evaluation: [{ text: "a stone", label: "mineral" }] } })).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: expect.stringContaining('"mineral"'),
    });
  });
});
