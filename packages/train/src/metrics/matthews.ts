import type { Metric } from "./metric.ts";

/** Matthews' correlation of two classes or more, R_K (Gorodkin 2004); 0 where one side has a single class. */
export const matthews: Metric = {
  description: "Matthews' correlation",
  better: "more",
  classes: ({ predicted, actual }) => {
    const rows = actual.length;
    const [ours, theirs] = [tally(predicted), tally(actual)];
    const right = predicted.filter((label, index) => label === actual[index]).length;
    const sum = (one: ReadonlyMap<number, number>, other: ReadonlyMap<number, number>): number =>
      [...one].reduce((total, [label, count]) => total + count * (other.get(label) ?? 0), 0);
    const spread = (rows * rows - sum(ours, ours)) * (rows * rows - sum(theirs, theirs));
    return spread === 0 ? 0 : (right * rows - sum(ours, theirs)) / Math.sqrt(spread);
  },
};

function tally(labels: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}
