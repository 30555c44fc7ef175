import { type Metric, type OutcomeOf, mean, share } from "./metric.ts";

/** Right, and wrong either way, of one class. */
interface Counts {
  hits: number;
  misses: number;
}

/** Harmonic mean of precision and recall, 2·hits / (2·hits + misses); 0 for a class without a hit. */
const f1Of = ({ hits, misses }: Counts): number => share(2 * hits, 2 * hits + misses);

/** Mean over the classes, as scikit-learn takes it: those that occur, or of several labels all. */
export const f1Macro: Metric = {
  description: "F1, mean over the classes",
  better: "more",
  classes: (outcome) => mean([...countsOf(asSets(outcome)).values()].map(f1Of)),
  sets: (outcome) => {
    const counts = countsOf(outcome);
    return mean(Array.from({ length: outcome.classes }, (_, label) => f1Of(counts.get(label) ?? { hits: 0, misses: 0 })));
  },
};

/** Over all decisions together. */
export const f1Micro: Metric = {
  description: "F1 over all decisions together",
  better: "more",
  classes: (outcome) => f1Of(total(countsOf(asSets(outcome)))),
  sets: (outcome) => f1Of(total(countsOf(outcome))),
};

/** Of the last of two classes, the positive one: the F1 of GLUE's MRPC and QQP. */
export const f1Binary: Metric = {
  description: "F1 of the second of two classes",
  better: "more",
  classes: (outcome) => f1Of(countsOf(asSets(outcome)).get(1) ?? { hits: 0, misses: 0 }),
};

function asSets({ predicted, actual, classes }: OutcomeOf<"classes">): OutcomeOf<"sets"> {
  return { kind: "sets", predicted: predicted.map((label) => [label]), actual: actual.map((label) => [label]), classes };
}

function countsOf({ predicted, actual }: OutcomeOf<"sets">): Map<number, Counts> {
  const counts = new Map<number, Counts>();
  const count = (label: number, what: keyof Counts): void => {
    const found = counts.get(label) ?? { hits: 0, misses: 0 };
    found[what]++;
    counts.set(label, found);
  };
  for (const [index, labels] of predicted.entries()) {
    const [ours, theirs] = [new Set(labels), new Set(actual[index])];
    for (const label of ours) count(label, theirs.has(label) ? "hits" : "misses");
    for (const label of theirs) if (!ours.has(label)) count(label, "misses");
  }
  return counts;
}

function total(counts: ReadonlyMap<number, Counts>): Counts {
  const all = [...counts.values()];
  return { hits: all.reduce((sum, { hits }) => sum + hits, 0), misses: all.reduce((sum, { misses }) => sum + misses, 0) };
}
