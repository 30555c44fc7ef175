import type { TensorValue } from "@graft/runtime";

/** What a model says of one row. */
export interface Prediction {
  /** The label with the highest score; absent for an adapter without labels. */
  readonly label?: string;
  /** Softmax of the logits by label, in the order of the labels. */
  readonly scores: Readonly<Record<string, number>>;
  /** The model's own numbers for the row: logits by label, or hidden states position by position. */
  readonly logits: Float32Array;
}

/** The predictions of a batch, from its logits [rows, labels]. */
export function predictions(output: TensorValue, labels: readonly string[]): Prediction[] {
  const rows = output.dims[0] ?? 0;
  const values = output.data as Float32Array;
  const width = rows === 0 ? 0 : values.length / rows;
  return Array.from({ length: rows }, (_, row) => {
    const logits = values.slice(row * width, (row + 1) * width);
    if (labels.length !== width) return { logits, scores: {} };
    const scores = softmax(logits);
    const best = scores.indexOf(Math.max(...scores));
    return { label: labels[best] ?? "", scores: Object.fromEntries(labels.map((label, index) => [label, scores[index] ?? 0])), logits };
  });
}

function softmax(logits: Float32Array): number[] {
  const highest = Math.max(...logits);
  const powers = Array.from(logits, (value) => Math.exp(value - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
