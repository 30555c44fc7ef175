import { openSession } from "@graft/runtime/node";
import { rangeTest, type RangePoint, type RangeTest, train, type TrainEvent } from "@graft/train";
import { expect, test } from "vitest";
import { tinyBase, tinyRows, tinyTokenizer } from "./tiny.ts";

async function run(options: Parameters<typeof rangeTest>[1]): Promise<RangeTest> {
  const generator = rangeTest(
    (wanted) =>
      train({
        base: tinyBase(),
        tokenizer: tinyTokenizer(),
        openSession,
        threads: 1,
        task: { type: "text-classification", rows: tinyRows(60) },
        method: { name: "full" },
        batchSize: 8,
        ...wanted,
      }),
    options,
  );
  for (;;) {
    const next = await generator.next();
    if (next.done === true) return next.value;
  }
}

test("the rate grows geometrically until the loss is lost, and where the loss falls fastest is suggested", async () => {
  const { points, suggestion } = await run({ from: 1e-5, to: 1e3, steps: 80 });
  expect(points.length).toBeLessThan(80);
  for (const [index, { learningRate }] of points.entries()) expect(Math.log10(learningRate)).toBeCloseTo(-5 + (8 * index) / 79, 4);
  const lowest = points.reduce((best, point) => (point.smoothed < best.smoothed ? point : best));
  expect(suggestion).toBeGreaterThan(1e-5);
  expect(suggestion).toBeLessThan(lowest.learningRate);
});

/** A run of given losses. */
function fake(losses: readonly number[]) {
  return async function* ({ rateAt }: { rateAt?: (step: number) => number }): AsyncGenerator<TrainEvent, void, undefined> {
    for (const [index, loss] of losses.entries())
      yield { type: "step", step: index + 1, loss, learningRate: rateAt?.(index) ?? 0 } as TrainEvent;
  };
}

async function found(losses: readonly number[]): Promise<{ points: readonly RangePoint[]; suggestion: number | undefined }> {
  const generator = rangeTest(fake(losses), { from: 1e-4, to: 1, steps: losses.length });
  for (;;) {
    const next = await generator.next();
    if (next.done === true) return next.value;
  }
}

test("nothing is suggested where the loss does not fall, and the fall is found where it is", async () => {
  expect((await found(Array.from({ length: 40 }, (_, step) => 1 + step / 40))).suggestion).toBeUndefined();
  const fall = Array.from({ length: 60 }, (_, step) => (step < 30 ? 1 : step < 45 ? 1 - (step - 29) / 20 : 3));
  const { points, suggestion } = await found(fall);
  const at = points.findIndex(({ learningRate }) => learningRate === suggestion);
  expect(at).toBeGreaterThanOrEqual(30);
  expect(at).toBeLessThan(45);
});

test("a range that is none is refused", async () => {
  for (const options of [{ from: 0 }, { from: 1, to: 0.1 }, { steps: 3 }, { steps: Number.NaN }])
    await expect(run(options)).rejects.toMatchObject({ code: "USAGE" });
});
