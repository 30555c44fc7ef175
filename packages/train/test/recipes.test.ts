import { METRICS, recipeNamed, RECIPES, TASKS } from "@graft/train";
import { METHODS } from "@graft/methods";
import { describe, expect, test } from "vitest";

describe("recipes", () => {
  test("are there for every model and task of the paper's appendix that is not GPT-3", () => {
    const glue = ["mnli", "sst2", "mrpc", "cola", "qnli", "qqp", "rte", "stsb"];
    const models = [
      "roberta-base",
      "roberta-large",
      "roberta-large-houlsby",
      "roberta-large-adapter-p-3m",
      "roberta-large-adapter-p-0.8m",
      "roberta-large-adapter-h-6m",
      "roberta-large-adapter-h-0.8m",
      "deberta-xxlarge",
    ];
    expect(Object.keys(RECIPES).toSorted()).toEqual(
      [
        ...models.flatMap((model) => glue.map((task) => `${model}/${task}`)),
        ...["gpt2-medium", "gpt2-large"].flatMap((model) => ["e2e", "webnlg", "dart"].map((task) => `${model}/${task}`)),
      ].toSorted(),
    );
  });

  test.for(Object.entries(RECIPES))("%s says what is there, in numbers", ([, { task, method, metrics, hyperparameters, notes }]) => {
    expect(Object.keys(TASKS)).toContain(task);
    expect(Object.keys(METHODS)).toContain(method.name);
    for (const metric of metrics) expect(Object.keys(METRICS)).toContain(metric);
    for (const [name, value] of Object.entries(hyperparameters))
      if (typeof value === "number") expect(Number.isFinite(value), name).toBe(true);
    expect(notes.length).toBeGreaterThan(0);
  });

  test("have the numbers of the paper's tables", () => {
    expect(recipeNamed("roberta-base/sst2")).toMatchObject({
      method: { name: "lora", rank: 8, alpha: 8, targets: "attention", initialisation: "gaussian" },
      hyperparameters: { batchSize: 16, epochs: 60, learningRate: 5e-4, maxLength: 512, warmup: 0.06, schedule: "linear" },
    });
    expect(recipeNamed("roberta-large-houlsby/rte")).toMatchObject({
      method: { alpha: 16 },
      hyperparameters: { batchSize: 4, epochs: 20, learningRate: 4e-4, maxLength: 128 },
    });
    expect(recipeNamed("deberta-xxlarge/stsb")).toMatchObject({
      task: "regression",
      metrics: ["pearson", "spearman"],
      hyperparameters: { batchSize: 4, epochs: 10, learningRate: 2e-4, maxLength: 128, weightDecay: 0.1, warmup: 0.1 },
    });
    expect(recipeNamed("gpt2-medium/e2e")).toMatchObject({
      method: { rank: 4, alpha: 32, dropout: 0.1 },
      hyperparameters: { batchSize: 8, epochs: 5, learningRate: 2e-4, warmup: 500, weightDecay: 0.01, labelSmoothing: 0.1 },
      generation: { beams: 10, lengthPenalty: 0.9, noRepeat: 4 },
    });
  });

  test("that do not exist are refused with those that are near", () => {
    expect(() => recipeNamed("roberta-base/sst-2")).toThrow(
      expect.objectContaining({ code: "USAGE", hint: expect.stringContaining('"roberta-base/sst2"') }),
    );
  });
});
