import { differences, type Metric, share } from "./metric.ts";

/** Share of the rows that are right as a whole: every label of several, or a text that is one of those it may be, blanks at the ends aside. */
export const exactMatch: Metric = {
  description: "Share that is right as a whole",
  better: "more",
  sets: ({ predicted, actual }) =>
    share(predicted.filter((labels, index) => differences(labels, actual[index]) === 0).length, predicted.length),
  texts: ({ predicted, actual }) =>
    share(
      predicted.filter((text, index) => actual[index]?.some((known) => known.trim() === text.trim()) === true).length,
      predicted.length,
    ),
};
