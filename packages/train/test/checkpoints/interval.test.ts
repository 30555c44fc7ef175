import { describe, expect, test } from "vitest";
import { CheckpointClock } from "../../src/checkpoints/interval.ts";
import { LossWatch } from "../../src/loss-watch.ts";

/** Steps of ten seconds each after which a checkpoint is due. */
function due(every: ConstructorParameters<typeof CheckpointClock>[0], step = 0): number[] {
  const clock = new CheckpointClock(every, { stepsPerEpoch: 8, step, now: step * 10_000 });
  return Array.from({ length: 24 - step }, (_, index) => step + index + 1).filter((at) => {
    if (!clock.due(at, at * 10_000)) return false;
    clock.written(at, at * 10_000);
    return true;
  });
}

describe("a checkpoint is due", () => {
  test("every so many steps, epochs or minutes, whichever comes first", () => {
    expect(due({ steps: 10 })).toEqual([10, 20]);
    expect(due({ epochs: 1 })).toEqual([8, 16, 24]);
    expect(due({ epochs: 0.5 })).toEqual([4, 8, 12, 16, 20, 24]);
    expect(due({ minutes: 1 })).toEqual([6, 12, 18, 24]);
    expect(due({ steps: 10, minutes: 2 })).toEqual([10, 20]);
    expect(due({})).toEqual([]);
  });

  test("at the same steps when a run goes on", () => {
    expect(due({ steps: 10 }, 13)).toEqual([20]);
    expect(due({ epochs: 1 }, 13)).toEqual([16, 24]);
  });
});

describe("a loss", () => {
  const watch = (losses: readonly number[], factor = 3): number | undefined => {
    const own = new LossWatch(factor);
    for (const [index, loss] of losses.entries()) {
      try {
        own.check(loss, index + 1);
      } catch (error) {
        expect(error).toMatchObject({ code: "TRAINING_DIVERGED", detail: { step: index + 1, loss } });
        return index + 1;
      }
    }
    return undefined;
  };
  const learnt = Array.from({ length: 100 }, (_, step) => 2 * 0.95 ** step);

  test("that explodes is told at its step", () => {
    expect(watch([...learnt, 7])).toBe(101);
    expect(watch([2, 2, 7])).toBe(3);
    expect(watch([...learnt, 7], 0)).toBeUndefined();
  });

  test("of a hard batch of a model that has learnt its rows is none that explodes", () => {
    expect(watch([...learnt, 1.5, 0.01, 2])).toBeUndefined();
  });

  test("is watched from the level that a checkpoint kept", () => {
    const first = new LossWatch(3);
    for (const [index, loss] of learnt.entries()) first.check(loss, index + 1);
    const second = new LossWatch(3, JSON.parse(JSON.stringify(first.level)) as typeof first.level);
    expect(() => second.check(7, 101)).toThrow("more than 3 times its level");
  });
});
