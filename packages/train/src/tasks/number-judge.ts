import type { Batch, Judge } from "./task.ts";

/** A batch whose rows have numbers. */
export interface NumberBatch extends Batch {
  readonly targets: readonly (readonly number[])[];
}

/** Gathers the numbers of every row. */
export function numberJudge(): Judge<NumberBatch> {
  const predicted: number[][] = [];
  const actual: (readonly number[])[] = [];
  return {
    add({ targets }, { data }) {
      const width = data.length / Math.max(1, targets.length);
      for (const [row, target] of targets.entries()) {
        predicted.push(Array.from(data.slice(row * width, (row + 1) * width), Number));
        actual.push(target);
      }
    },
    outcome: () => ({ kind: "numbers", predicted, actual }),
  };
}
