import { openSession } from "@graft/runtime/node";
import { type EndEvent, type EvaluationEvent, train, type TrainEvent, type TrainOptions } from "@graft/train";
import { describe, expect, test } from "vitest";
import { tinyBase, tinyRows, tinyTokenizer } from "./tiny.ts";

const rows = tinyRows(60);
const evaluation = tinyRows(90).slice(60);
const base = tinyBase();

async function run(options: Partial<TrainOptions>): Promise<{ evaluations: EvaluationEvent[]; end: EndEvent; events: TrainEvent[] }> {
  const events: TrainEvent[] = [];
  for await (const event of train({
    base,
    tokenizer: tinyTokenizer(),
    openSession,
    threads: 1,
    task: { type: "text-classification", rows, evaluation },
    method: { name: "lora", rank: 2 },
    epochs: 2,
    batchSize: 8,
    learningRate: 5e-3,
    ...options,
  }))
    events.push(event);
  const evaluations = events.filter((event): event is EvaluationEvent => event.type === "evaluation");
  return { evaluations, end: events.at(-1) as EndEvent, events };
}

describe("evaluations", () => {
  test("come every so many steps, and at the end", async () => {
    const { evaluations } = await run({ evaluateEvery: 6 });
    expect(evaluations.map(({ step, epoch }) => [step, epoch])).toEqual([
      [6, 1],
      [12, 2],
      [16, 2],
    ]);
  });

  test("end the run when none was better for as long as the patience allows, and the best weights are the result", async () => {
    // Steps of this size lead nowhere.
    const { evaluations, end } = await run({ learningRate: 0.2, epochs: 20, patience: 2, maxLossRatio: 0 });
    expect(end).toMatchObject({ stoppedEarly: true, steps: 8 * evaluations.length });
    expect(evaluations.slice(-3).map(({ best }) => best)).toEqual([true, false, false]);
    const best = evaluations.at(-3) as EvaluationEvent;
    expect(end.receipt).toMatchObject({
      steps: 8 * evaluations.length,
      metrics: best.metrics,
      hyperparameters: { keep: "best", steps: 160 },
    });
  });

  test("are compared by the metric that was chosen, whichever way it is better", async () => {
    const { evaluations } = await run({ bestBy: "accuracy", evaluateEvery: 1, epochs: 5, keep: "best" });
    let highest = Number.NEGATIVE_INFINITY;
    for (const { metrics, best } of evaluations) {
      expect(best).toBe((metrics["accuracy"] ?? 0) > highest);
      highest = Math.max(highest, metrics["accuracy"] ?? 0);
    }
    // Several steps have one accuracy, and the first of them counts.
    expect(evaluations.filter(({ best }) => best).length).toBeLessThan(evaluations.length / 2);
  });
});

describe("what makes no sense is refused", () => {
  test.for([
    [
      { patience: 2, task: { type: "text-classification", rows } },
      "Cannot wait 2 evaluations for a better one: there are no rows to evaluate on",
    ],
    [{ keep: "best", task: { type: "text-classification", rows } }, "Cannot keep the best weights: there are no rows to evaluate on"],
    [{ evaluateEvery: 5, task: { type: "text-classification", rows } }, "Cannot evaluate every 5 steps: there are no rows to evaluate on"],
    [{ metrics: ["bleu"] }, 'Cannot judge by "bleu": it says nothing of the task "text-classification"'],
    [{ bestBy: "bleu" }, 'Cannot tell the best weights by "bleu": it is not evaluated'],
    [{ warmup: 17 }, "Cannot warm up for 17 steps: the run has 16"],
    [{ warmup: -1 }, "Cannot train with warmup -1: want a number of at least 0"],
    [{ epochs: 0 }, "Cannot train with epochs 0: want a number above 0"],
    [{ epochs: Number.NaN }, "Cannot train with epochs NaN: want a number above 0"],
    [{ steps: 1.5 }, "Cannot train with steps 1.5: want a whole number of at least 1"],
    [{ learningRate: Number.POSITIVE_INFINITY }, "Cannot train with learningRate Infinity: want a number above 0"],
    [{ labelSmoothing: 1 }, "Cannot train with labelSmoothing 1: want a number from 0 to below 1"],
    [{ optimiser: "adam" as "adamw" }, 'Cannot train with optimiser "adam": want adamw, sgd'],
    [{ schedule: "step" as "linear" }, 'Cannot train with schedule "step": want constant, linear, cosine'],
  ] as const)("%o", async ([options, message]) => {
    await expect(run(options as Partial<TrainOptions>)).rejects.toMatchObject({ code: "USAGE", message });
  });
});

test("a loss that explodes ends the run with its step", async () => {
  await expect(run({ learningRate: 20, warmup: 12, epochs: 5, maxGradientNorm: 0, maxLossRatio: 3 })).rejects.toMatchObject({
    code: "TRAINING_DIVERGED",
    message: expect.stringMatching(/^Cannot go on training: the loss of step \d+ is [\d.e+]+, more than 3 times its level of [\d.]+$/),
  });
});
