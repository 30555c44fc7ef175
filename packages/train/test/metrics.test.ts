import { measure, METRICS, type MetricName, type Outcome } from "@graft/train";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { describe, expect, test } from "vitest";
import { referee, runReferee } from "../../../test/referee.ts";

const random = xoroshiro128plus(5);
const draw = (count: number, classes: number): number[] => Array.from({ length: count }, () => uniformInt(random, 0, classes - 1));
const sets = (count: number, classes: number): number[][] =>
  Array.from({ length: count }, () => Array.from({ length: classes }, (_, label) => label).filter(() => uniformFloat64(random) < 0.3));
const numbers = (count: number, width: number): number[][] =>
  Array.from({ length: count }, () => Array.from({ length: width }, () => Math.round(uniformFloat64(random) * 20) / 4));

/** Outcomes, and the metrics that are compared on each. */
const CASES: readonly { readonly outcome: Outcome; readonly metrics: readonly MetricName[] }[] = [
  {
    outcome: { kind: "classes", predicted: draw(200, 5), actual: draw(200, 5), classes: 5 },
    metrics: ["accuracy", "f1", "f1-micro", "matthews"],
  },
  // A class that is never predicted, and one that never occurs.
  {
    outcome: { kind: "classes", predicted: [0, 0, 1, 3], actual: [0, 2, 1, 1], classes: 4 },
    metrics: ["accuracy", "f1", "f1-micro", "matthews"],
  },
  { outcome: { kind: "classes", predicted: [1, 1], actual: [1, 1], classes: 2 }, metrics: ["accuracy", "f1", "f1-binary", "matthews"] },
  { outcome: { kind: "classes", predicted: draw(99, 2), actual: draw(99, 2), classes: 2 }, metrics: ["f1-binary", "matthews"] },
  {
    outcome: { kind: "sets", predicted: sets(100, 4), actual: sets(100, 4), classes: 4 },
    metrics: ["accuracy", "f1", "f1-micro", "exact-match"],
  },
  { outcome: { kind: "numbers", predicted: numbers(60, 1), actual: numbers(60, 1) }, metrics: ["pearson", "spearman", "mse"] },
  { outcome: { kind: "numbers", predicted: numbers(40, 3), actual: numbers(40, 3) }, metrics: ["pearson", "spearman", "mse"] },
];

const PROGRAM = `
import json, sys, warnings
import numpy as np
warnings.simplefilter("ignore")
from scipy import stats
from sklearn import metrics as m
def columns(f):
    return lambda t, p: float(np.mean([f(np.array(t)[:, i], np.array(p)[:, i]) for i in range(len(t[0]))]))
table = {
    "accuracy": m.accuracy_score,
    "f1": lambda t, p: m.f1_score(t, p, average="macro"),
    "f1-micro": lambda t, p: m.f1_score(t, p, average="micro"),
    "f1-binary": m.f1_score,
    "matthews": m.matthews_corrcoef,
    "exact-match": m.accuracy_score,
    "pearson": columns(lambda t, p: stats.pearsonr(t, p).statistic),
    "spearman": columns(lambda t, p: stats.spearmanr(t, p).statistic),
    "mse": m.mean_squared_error,
}
answers = []
for case in json.load(sys.stdin):
    outcome = case["outcome"]
    t, p = outcome["actual"], outcome["predicted"]
    if outcome["kind"] == "sets":
        hot = lambda rows: np.array([[int(label in row) for label in range(outcome["classes"])] for row in rows])
        t, p = hot(t), hot(p)
    answer = {name: float(table[name](t, p)) for name in case["metrics"]}
    if outcome["kind"] == "sets":
        answer["accuracy"] = 1 - m.hamming_loss(t, p)
    answers.append(answer)
json.dump(answers, sys.stdout)
`;

describe("metrics", () => {
  test("of nothing are zero", () => {
    const names = Object.keys(METRICS) as MetricName[];
    for (const kind of ["classes", "sets", "numbers", "texts"] as const) {
      const outcome: Outcome = { kind, predicted: [], actual: [], classes: 2 };
      for (const [name, value] of Object.entries(measure(names, { outcome, loss: 0 })))
        expect(value, name).toBe(name === "perplexity" ? 1 : 0);
    }
  });

  test("that mean nothing for what was predicted are left out", () => {
    expect(measure(["accuracy", "pearson"], { outcome: { kind: "numbers", predicted: [[1], [2]], actual: [[1], [2]] }, loss: 0 })).toEqual({
      pearson: expect.closeTo(1, 12),
    });
  });

  test.skipIf(referee === undefined)("are those of scikit-learn and SciPy", () => {
    const theirs = JSON.parse(runReferee(PROGRAM, JSON.stringify(CASES)).toString()) as Record<string, number>[];
    for (const [index, { outcome, metrics }] of CASES.entries()) {
      const ours = measure(metrics, { outcome, loss: 0 });
      for (const name of metrics) expect(ours[name], `${outcome.kind} ${name}`).toBeCloseTo(theirs[index]?.[name] ?? Number.NaN, 12);
    }
  });
});
