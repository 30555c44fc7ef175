import { planAdapter } from "@graft/methods";
import { openSession } from "@graft/runtime/node";
import { settingsOf, train, type Hyperparameters, type StepEvent } from "@graft/train";
import { describe, expect, test } from "vitest";
import { partBatches } from "../src/micro-batches.ts";
import { tinyBase, tinyRows, tinyTokenizer } from "./tiny.ts";

const base = tinyBase();
const method = { name: "lora", rank: 4, targets: "all-linear" } as const;

function parting(lengths: readonly number[], given: Hyperparameters = {}): ReturnType<typeof partBatches> {
  const task = { type: "text-classification", labels: ["a", "b"] } as const;
  const plan = planAdapter(base, { method, task });
  return partBatches(settingsOf({ ...given, method, task }), { plan, lengths });
}

describe("how a batch is run", () => {
  test("is whole where it has few tokens, as one graph", () => {
    const { whole, parts } = parting(Array.from({ length: 100 }, () => 32));
    expect(whole).toBe(true);
    expect(parts([5, 3, 9])).toEqual([[5, 3, 9]]);
  });

  test("is in equal parts where it has many, each row in one", () => {
    const lengths = Array.from({ length: 100 }, (_, row) => (row < 50 ? 128 : 16));
    const { whole, parts } = parting(lengths);
    const rows = Array.from({ length: 16 }, (_, row) => row);
    expect(whole).toBe(false);
    expect(parts(rows).map(({ length }) => length)).toEqual([4, 4, 4, 4]);
    expect(parts(rows).flat()).toEqual(rows);
    expect(parts(rows.map((row) => row + 50))).toHaveLength(1);
  });

  test("takes a row that is longer than the bound alone", () => {
    expect(
      parting(
        Array.from({ length: 8 }, () => 4_000),
        { batchSize: 2 },
      ).parts([1, 6]),
    ).toEqual([[1], [6]]);
  });

  test("is what micro-batches say where they are given", () => {
    const { parts } = parting(
      Array.from({ length: 100 }, () => 128),
      { microBatchSize: 8 },
    );
    expect(parts(Array.from({ length: 16 }, (_, row) => row)).map(({ length }) => length)).toEqual([8, 8]);
  });

  test("does not change the losses", async () => {
    const losses = async (options: Hyperparameters): Promise<number[]> => {
      const found: number[] = [];
      const rows = tinyRows(90).map(({ text, label }) => ({ text: `${text} ${text} ${text}`, label }));
      for await (const event of train({
        base,
        tokenizer: tinyTokenizer(),
        openSession,
        threads: 1,
        method,
        task: { type: "text-classification", rows },
        batchSize: 45,
        epochs: 2,
        ...options,
      }))
        if (event.type === "step") found.push((event satisfies StepEvent).loss);
      return found;
    };
    const [parted, whole] = [await losses({}), await losses({ microBatchSize: 45 })];
    expect(parted).toHaveLength(4);
    for (const [step, loss] of parted.entries()) expect(loss).toBeCloseTo(whole[step] ?? 0, 4);
  });
});
