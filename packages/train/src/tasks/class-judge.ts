import { IGNORED } from "../masking.ts";
import type { Batch, Judge } from "./task.ts";

/** A batch whose rows, or some of their tokens, have one class each. */
export interface ClassBatch extends Batch {
  /** Class of each row of the logits; IGNORED where there is none. */
  readonly labels: readonly number[];
}

/** Gathers the most likely class of everything that has one. */
export function classJudge(classes: number): Judge<ClassBatch> {
  const predicted: number[] = [];
  const actual: number[] = [];
  return {
    add({ labels }, { data }) {
      for (const [index, label] of labels.entries()) {
        if (label === IGNORED) continue;
        predicted.push(Number(data[index]));
        actual.push(label);
      }
    },
    outcome: () => ({ kind: "classes", predicted, actual, classes }),
  };
}
