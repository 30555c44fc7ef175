/** Predicted and true classes, as indices, of the rows that were evaluated. */
export interface Predictions {
  readonly predicted: readonly number[];
  readonly actual: readonly number[];
}

/** A metric: larger is better. */
export type Metric = (predictions: Predictions) => number;

/** Every metric of classification by name. */
export const METRICS = {
  accuracy: ({ predicted, actual }) => share(predicted.filter((label, index) => label === actual[index]).length, actual.length),
  f1: (predictions) => {
    const classes = [...new Set([...predictions.predicted, ...predictions.actual])];
    return share(
      classes.reduce((sum, label) => sum + f1OfClass(predictions, label), 0),
      classes.length,
    );
  },
} as const satisfies Record<string, Metric>;

/** Harmonic mean of precision and recall; 0 for a class without a hit. Macro F1 is its mean over the classes that occur, as scikit-learn takes it. */
function f1OfClass({ predicted, actual }: Predictions, label: number): number {
  let hits = 0;
  let misses = 0;
  for (const [index, guess] of predicted.entries()) {
    if (guess === label && actual[index] === label) hits++;
    else if (guess === label || actual[index] === label) misses++;
  }
  return share(2 * hits, 2 * hits + misses);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
