import { binaryCrossEntropy } from "@graft/autodiff";
import type { GraphBuilder } from "@graft/onnx";
import { floatValue, type TensorValue } from "@graft/runtime";
import type { Batch, Judge } from "./task.ts";

/** Input of what is true where that is numbers: float32 [rows, outputs]. */
export const TARGETS = "targets";

/** Adds the input of true numbers; gives its name. */
export function targetsInput(builder: GraphBuilder): string {
  return builder.input(TARGETS, "float32", ["rows", "outputs"]);
}

/** Binary cross-entropy of logits [rows, labels], each label apart. */
export function labelSetLoss(builder: GraphBuilder, { logits }: { readonly logits: string }): string {
  return binaryCrossEntropy(builder, { logits, targets: targetsInput(builder) });
}

/** Ones where a row has the label, float32 [rows, labels]. */
export function labelSetTargets(sets: readonly (readonly number[])[], labels: number): TensorValue {
  const values = new Float32Array(sets.length * labels);
  for (const [row, set] of sets.entries()) for (const label of set) values[row * labels + label] = 1;
  return floatValue([sets.length, labels], values);
}

/** A batch whose rows have any number of labels. */
export interface SetBatch extends Batch {
  readonly sets: readonly (readonly number[])[];
}

/** Gathers the labels whose probability reaches the threshold. */
export function setJudge(classes: number, threshold: number): Judge<SetBatch> {
  const predicted: number[][] = [];
  const actual: (readonly number[])[] = [];
  // σ(x) ≥ t where x ≥ ln(t / (1 − t)).
  const least = Math.log(threshold / (1 - threshold));
  return {
    add({ sets }, { data }) {
      for (const [row, set] of sets.entries()) {
        const logits = Array.from(data.slice(row * classes, (row + 1) * classes), Number);
        predicted.push(logits.flatMap((logit, label) => (logit >= least ? [label] : [])));
        actual.push(set);
      }
    },
    outcome: () => ({ kind: "sets", predicted, actual, classes }),
  };
}
