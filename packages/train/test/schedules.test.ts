import { learningRateAt, SCHEDULES, type ScheduleName, warmupSteps } from "@graft/train";
import { describe, expect, test } from "vitest";

const STEPS = 40;
const NAMES = Object.keys(SCHEDULES) as ScheduleName[];
const rates = (schedule: ScheduleName, warmup: number): number[] =>
  Array.from({ length: STEPS }, (_, step) => learningRateAt(step, { schedule, learningRate: 0.01, warmup, steps: STEPS }));

describe("schedules", () => {
  test("warm up over a share of the steps, or over a number of them", () => {
    expect(warmupSteps(0.1, 95)).toBe(10);
    expect(warmupSteps(8, 40)).toBe(8);
    expect(warmupSteps(0, 40)).toBe(0);
    expect(warmupSteps(100, 40)).toBe(40);
    expect(rates("linear", 0.2)).toEqual(rates("linear", 8));
  });

  test.for(NAMES)("rise to the highest rate and never above it: %s", (name) => {
    const list = rates(name, 8);
    expect(list.slice(0, 9)).toEqual(Array.from({ length: 9 }, (_, step) => (0.01 * step) / 8));
    expect(Math.max(...list)).toBe(0.01);
    expect(list.slice(8)).toEqual(list.slice(8).toSorted((left, right) => right - left));
    expect(list.at(-1)).toBeGreaterThan(0);
  });
});
