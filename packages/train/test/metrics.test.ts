import { METRICS } from "@graft/train";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { describe, expect, test } from "vitest";
import { referee, runReferee } from "../../../test/referee.ts";

const random = xoroshiro128plus(5);
const draw = (count: number, classes: number): number[] => Array.from({ length: count }, () => uniformInt(random, 0, classes - 1));
const CASES = [
  { predicted: draw(200, 5), actual: draw(200, 5) },
  // A class that is never predicted, and one that never occurs.
  { predicted: [0, 0, 1, 3], actual: [0, 2, 1, 1] },
  { predicted: [1, 1], actual: [1, 1] },
];

const PROGRAM = `
import json, sys, warnings
warnings.simplefilter("ignore")
from sklearn.metrics import accuracy_score, f1_score
json.dump([{"accuracy": accuracy_score(c["actual"], c["predicted"]), "f1": f1_score(c["actual"], c["predicted"], average="macro")} for c in json.load(sys.stdin)], sys.stdout)
`;

describe("metrics", () => {
  test("of nothing are zero", () => {
    for (const metric of Object.values(METRICS)) expect(metric({ predicted: [], actual: [] })).toBe(0);
  });

  test.skipIf(referee === undefined)("are those of scikit-learn", () => {
    const theirs = JSON.parse(runReferee(PROGRAM, JSON.stringify(CASES)).toString()) as Record<keyof typeof METRICS, number>[];
    for (const [index, predictions] of CASES.entries()) {
      for (const [name, metric] of Object.entries(METRICS))
        expect(metric(predictions), name).toBeCloseTo(theirs[index]?.[name as keyof typeof METRICS] ?? Number.NaN, 12);
    }
  });
});
