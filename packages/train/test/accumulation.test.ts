import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBase } from "@graft/architectures/node";
import { createTokenizer } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { type EndEvent, type StepEvent, train, type TrainEvent, type TrainOptions } from "@graft/train";
import { describe, expect, test } from "vitest";
import { GPT2, tinyTokenizer as decoderTokenizer, writeTinyDecoder } from "../../../test/tiny-decoder.ts";
import { tinyBase, tinyRows, tinyTokenizer } from "./tiny.ts";

const rows = tinyRows(52);
const base = tinyBase();
const LORA = { name: "lora", rank: 4, targets: "all-linear" } as const;
const TASKS: Readonly<Record<string, Pick<TrainOptions, "task" | "method">>> = {
  "a LoRA classifier": { task: { type: "text-classification", rows }, method: { name: "lora", rank: 4, targets: "all-linear" } },
  "masked-language modelling of a whole base": {
    task: { type: "masked-language-modelling", rows: rows.map(({ text }) => text) },
    method: { name: "full" },
  },
  "several labels": {
    task: {
      type: "text-classification",
      multiLabel: true,
      rows: rows.map(({ text, label }, index) => ({ text, label: index % 5 === 0 ? [] : index % 4 === 0 ? [label, "rare"] : [label] })),
    },
    method: LORA,
  },
  regression: {
    task: { type: "regression", rows: rows.map(({ text }) => ({ text, score: text.length / 10 })) },
    method: LORA,
  },
  "token classification": {
    task: {
      type: "token-classification",
      rows: rows.map(({ text }) => ({ words: text.split(" "), tags: text.split(" ").map((word) => (word.length > 3 ? "long" : "short")) })),
    },
    method: LORA,
  },
  "embeddings with scores": {
    task: {
      type: "sentence-embeddings",
      rows: rows.map(({ text }, index) => ({ text, pair: rows[index % 7]?.text ?? "", score: index / 60 })),
    },
    method: LORA,
  },
};

/** Losses and gradient norms of every step, and the trained bytes. */
async function run(options: Partial<TrainOptions>): Promise<{ numbers: number[]; end: EndEvent }> {
  const events: TrainEvent[] = [];
  for await (const event of train({
    base,
    tokenizer: tinyTokenizer(),
    openSession,
    threads: 1,
    ...(TASKS["a LoRA classifier"] as Pick<TrainOptions, "task" | "method">),
    epochs: 2,
    learningRate: 5e-3,
    ...options,
  }))
    events.push(event);
  const steps = events.filter((event): event is StepEvent => event.type === "step");
  return { numbers: steps.flatMap(({ loss, gradientNorm }) => [loss, gradientNorm]), end: events.at(-1) as EndEvent };
}

describe("a batch in micro-batches", () => {
  // 52 rows: the last batch of an epoch has 4 rows, its micro-batches 4 and 2 + 2; masked rows have unequal counts of terms.
  test.for(Object.entries(TASKS))("is the large batch within rounding: %s", async ([, task]) => {
    const whole = await run({ ...task, batchSize: 12, microBatchSize: 12 });
    for (const sizes of [
      { batchSize: 12, microBatchSize: 4 },
      { batchSize: 6, accumulation: 2 },
      { batchSize: 4, accumulation: 3, microBatchSize: 2 },
    ]) {
      const { numbers } = await run({ ...task, ...sizes });
      expect(numbers).toHaveLength(whole.numbers.length);
      for (const [index, number] of numbers.entries())
        expect(number, `${JSON.stringify(sizes)} ${index}`).toBeCloseTo(whole.numbers[index] ?? 0, 4);
    }
  });

  test("counts a step once for all of its rows", async () => {
    const { end } = await run({ batchSize: 4, accumulation: 3 });
    expect(end).toMatchObject({ steps: 10, receipt: { epochs: 2, hyperparameters: { batchSize: 4, accumulation: 3 } } });
  });

  test("of a causal language model is the large batch within rounding, answers of any length", async () => {
    const folder = await mkdtemp(join(tmpdir(), "graft-accumulation-"));
    try {
      await writeTinyDecoder(folder, GPT2);
      const causal = {
        base: await openBase(folder),
        tokenizer: createTokenizer(decoderTokenizer(), { bos_token: "<|endoftext|>", eos_token: "<|im_end|>", pad_token: "<pad>" }),
        task: {
          type: "causal-language-modelling",
          rows: rows.map(({ text, label }, index) => ({ prompt: text, completion: ` ${label}`.repeat(1 + (index % 4)) })),
        },
        method: { name: "lora", rank: 4 },
        epochs: 1,
      } as const;
      const whole = await run({ ...causal, batchSize: 12, microBatchSize: 12 });
      const parts = await run({ ...causal, batchSize: 12, microBatchSize: 4 });
      for (const [index, number] of parts.numbers.entries()) expect(number).toBeCloseTo(whole.numbers[index] ?? 0, 4);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("is refused where rows of a batch are compared with each other", async () => {
    const pairs = rows.map(({ text }, index) => ({ text, pair: rows[index % 7]?.text ?? "" }));
    const task = { type: "sentence-embeddings", rows: pairs } as const;
    await expect(run({ task, method: LORA, batchSize: 12, microBatchSize: 4 })).rejects.toMatchObject({
      code: "USAGE",
      message: "Cannot run batches of 12 rows in parts: the loss compares the rows of a batch with each other",
    });
  });

  test("that does not divide is refused, with the size that does", async () => {
    await expect(run({ batchSize: 16, microBatchSize: 6 })).rejects.toMatchObject({
      code: "USAGE",
      message: "Cannot run batches of 16 rows in micro-batches of 6: it does not divide",
      hint: "Take micro-batches of 4 rows",
    });
    await expect(run({ accumulation: 0 })).rejects.toMatchObject({ code: "USAGE" });
  });
});
