import { differences, type Metric, share } from "./metric.ts";

/** Share of the rows whose class is right; of several labels, share of the label decisions that are. */
export const accuracy: Metric = {
  description: "Share that is right",
  better: "more",
  classes: ({ predicted, actual }) => share(predicted.filter((label, index) => label === actual[index]).length, actual.length),
  sets: ({ predicted, actual, classes }) => {
    const wrong = predicted.reduce((sum, labels, index) => sum + differences(labels, actual[index]), 0);
    return predicted.length === 0 ? 0 : 1 - share(wrong, predicted.length * classes);
  },
};
