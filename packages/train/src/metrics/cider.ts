import { type Metric, mean } from "./metric.ts";
import { countGrams, tokens13a } from "./tokens.ts";

/** Longest sequence that is compared. */
const ORDER = 4;
/** Standard deviation of the penalty on the difference in length. */
const SIGMA = 6;

/** TF-IDF weights of the sequences of one size, and their length as a vector. */
interface Weighted {
  readonly weights: ReadonlyMap<string, number>;
  readonly norm: number;
}

/**
 * CIDEr-D (Vedantam et al. 2015) as pycocoevalcap takes it, over the tokens of 13a in lower case: cosines of TF-IDF vectors of one
 * to four words, clipped, with a penalty on the difference in length, times 10.
 */
export const cider: Metric = {
  description: "CIDEr-D",
  better: "more",
  texts: ({ predicted, actual }) => {
    const rows = predicted.map((text, index) => ({ tokens: tokens(text), references: (actual[index] ?? []).map(tokens) }));
    const documents = new Map<string, number>();
    for (const { references } of rows)
      for (const gram of new Set(references.flatMap((reference) => allGrams(reference))))
        documents.set(gram, (documents.get(gram) ?? 0) + 1);
    const weigh = (list: readonly string[]): Weighted[] => vectorsOf(list, { documents, logCount: Math.log(rows.length) });
    return mean(
      rows.map(({ tokens: own, references }) => {
        const vectors = weigh(own);
        return 10 * mean(references.map((reference) => similarity({ own, vectors }, { own: reference, vectors: weigh(reference) })));
      }),
    );
  },
};

function similarity(
  one: { own: readonly string[]; vectors: readonly Weighted[] },
  other: { own: readonly string[]; vectors: readonly Weighted[] },
): number {
  // The reference implementation's lengths are counts of pairs of words.
  const difference = Math.max(0, one.own.length - 1) - Math.max(0, other.own.length - 1);
  const penalty = Math.exp(-(difference ** 2) / (2 * SIGMA ** 2));
  return mean(
    one.vectors.map(({ weights, norm }, index) => {
      const theirs = other.vectors[index];
      const product = [...weights].reduce((sum, [gram, weight]) => {
        const known = theirs?.weights.get(gram) ?? 0;
        return sum + Math.min(weight, known) * known;
      }, 0);
      const norms = norm * (theirs?.norm ?? 0);
      return penalty * (norms === 0 ? product : product / norms);
    }),
  );
}

function vectorsOf(
  list: readonly string[],
  { documents, logCount }: { documents: ReadonlyMap<string, number>; logCount: number },
): Weighted[] {
  return Array.from({ length: ORDER }, (_, index) => {
    const weights = new Map(
      [...countGrams(list, index + 1)].map(([gram, count]) => [gram, count * (logCount - Math.log(Math.max(1, documents.get(gram) ?? 0)))]),
    );
    return { weights, norm: Math.sqrt([...weights.values()].reduce((sum, weight) => sum + weight * weight, 0)) };
  });
}

function allGrams(list: readonly string[]): string[] {
  return Array.from({ length: ORDER }, (_, index) => [...countGrams(list, index + 1).keys()]).flat();
}

function tokens(text: string): string[] {
  return tokens13a(text.toLowerCase());
}
