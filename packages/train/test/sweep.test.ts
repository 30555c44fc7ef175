import { gridCells, summariseCells } from "@graft/train";
import { expect, test } from "vitest";

test("a grid has every combination of its values", () => {
  expect(gridCells({ rank: [4, 8], rate: ["1e-3", "1e-4"] })).toEqual([
    { rank: 4, rate: "1e-3" },
    { rank: 4, rate: "1e-4" },
    { rank: 8, rate: "1e-3" },
    { rank: 8, rate: "1e-4" },
  ]);
  expect(gridCells({})).toEqual([{}]);
});

test("runs of one combination are summarised over their seeds, best first whichever way that is", () => {
  const runs = [
    { cell: { rank: 4 }, metrics: { loss: 1, accuracy: 0.5 } },
    { cell: { rank: 4 }, metrics: { loss: 3, accuracy: 0.7 } },
    { cell: { rank: 8 }, metrics: { loss: 1, accuracy: 0.9 } },
  ];
  const [first, second] = summariseCells(runs, { by: "loss", better: "less" });
  expect(first).toEqual({
    cell: { rank: 8 },
    runs: 1,
    metrics: { loss: { mean: 1 }, accuracy: { mean: 0.9 } },
  });
  expect(second?.metrics["loss"]).toEqual({ mean: 2, deviation: Math.SQRT2 });
  expect(summariseCells(runs, { by: "accuracy", better: "more" })[0]?.cell).toEqual({ rank: 8 });
  expect(summariseCells(runs, { by: "loss", better: "more" })[0]?.cell).toEqual({ rank: 4 });
});
