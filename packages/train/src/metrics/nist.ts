import { type Metric, share } from "./metric.ts";
import { countGrams, tokens13a, totalOf } from "./tokens.ts";

/** Longest sequence that is compared. */
const ORDER = 5;
/** The length penalty is one half at two thirds of the reference's length. */
const BETA = Math.log(0.5) / Math.log(1.5) ** 2;

/** NIST (Doddington 2002) of the whole corpus, as NLTK takes it: rare sequences count for more. Tokenizer 13a. */
export const nist: Metric = {
  description: "NIST of order 5",
  better: "more",
  texts: ({ predicted, actual }) => {
    const rows = predicted.map((text, index) => ({ tokens: tokens13a(text), references: (actual[index] ?? []).map(tokens13a) }));
    const information = weigh(rows.flatMap(({ references }) => references));
    let [precision, length, wanted] = [0, 0, 0];
    for (let size = 1; size <= ORDER; size++) {
      let [numerator, denominator] = [0, 0];
      for (const { tokens, references } of rows) {
        const counts = countGrams(tokens, size);
        const total = totalOf(counts);
        const best = references
          .map((reference) => ({ value: informed(counts, countGrams(reference, size), information), length: reference.length }))
          // The longer one of equally good ones, as Python's max has it.
          .reduce((one, other) => (other.value > one.value || (other.value === one.value && other.length > one.length) ? other : one));
        numerator += best.value;
        denominator += total;
        wanted += best.length;
        length += tokens.length;
      }
      precision += share(numerator, denominator);
    }
    const ratio = share(length, wanted);
    return precision * (ratio > 0 && ratio < 1 ? Math.exp(BETA * Math.log(ratio) ** 2) : Math.min(ratio, 1));
  },
};

/** log2 of how often a sequence's beginning comes for each time that it does. */
function weigh(references: readonly (readonly string[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const reference of references)
    for (let size = 1; size <= ORDER; size++)
      for (const [gram, count] of countGrams(reference, size)) counts.set(gram, (counts.get(gram) ?? 0) + count);
  const all = references.reduce((sum, { length }) => sum + length, 0);
  return new Map(
    [...counts].map(([gram, count]) => {
      const beginning = gram.includes(" ") ? gram.slice(0, gram.lastIndexOf(" ")) : "";
      return [gram, Math.log2((counts.get(beginning) ?? all) / count)];
    }),
  );
}

function informed(
  counts: ReadonlyMap<string, number>,
  reference: ReadonlyMap<string, number>,
  information: ReadonlyMap<string, number>,
): number {
  return [...counts].reduce((sum, [gram, count]) => sum + (information.get(gram) ?? 0) * Math.min(count, reference.get(gram) ?? 0), 0);
}
