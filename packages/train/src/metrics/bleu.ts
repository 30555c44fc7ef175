import type { Metric } from "./metric.ts";
import { countGrams, tokens13a, totalOf } from "./tokens.ts";

/** Longest sequence that is compared. */
const ORDER = 4;

/**
 * BLEU (Papineni et al. 2002) of the whole corpus, from 0 to 100, as sacrebleu takes it: tokenizer 13a, exponential smoothing,
 * the reference nearest in length, case counts.
 */
export const bleu: Metric = {
  description: "BLEU of sacrebleu, 0 to 100",
  better: "more",
  texts: ({ predicted, actual }) => {
    const [right, all] = [zeros(), zeros()];
    let [length, wanted] = [0, 0];
    for (const [index, text] of predicted.entries()) {
      const tokens = tokens13a(text);
      const references = (actual[index] ?? []).map(tokens13a);
      length += tokens.length;
      wanted += nearestLength(references, tokens.length);
      for (let size = 1; size <= ORDER; size++) {
        const counts = countGrams(tokens, size);
        const most = maximum(references.map((reference) => countGrams(reference, size)));
        right[size - 1] = (right[size - 1] ?? 0) + overlap(counts, most);
        all[size - 1] = (all[size - 1] ?? 0) + totalOf(counts);
      }
    }
    return score({ right, all, length, wanted });
  },
};

function score({ right, all, length, wanted }: { right: number[]; all: number[]; length: number; wanted: number }): number {
  if (right.every((count) => count === 0) || all.some((count) => count === 0)) return 0;
  let smoothing = 1;
  const logs = right.map((count, index) => {
    const total = all[index] ?? 1;
    if (count > 0) return Math.log((100 * count) / total);
    smoothing *= 2;
    return Math.log(100 / (smoothing * total));
  });
  const penalty = length >= wanted ? 1 : Math.exp(1 - wanted / length);
  return penalty * Math.exp(logs.reduce((sum, log) => sum + log, 0) / ORDER);
}

function nearestLength(references: readonly (readonly string[])[], length: number): number {
  return references
    .map((reference) => reference.length)
    .reduce((best, own) => {
      const [near, far] = [Math.abs(own - length), Math.abs(best - length)];
      return near < far || (near === far && own < best) ? own : best;
    }, Number.POSITIVE_INFINITY);
}

function maximum(counts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const most = new Map<string, number>();
  for (const one of counts) for (const [gram, count] of one) most.set(gram, Math.max(count, most.get(gram) ?? 0));
  return most;
}

function overlap(counts: ReadonlyMap<string, number>, most: ReadonlyMap<string, number>): number {
  return [...counts].reduce((sum, [gram, count]) => sum + Math.min(count, most.get(gram) ?? 0), 0);
}

function zeros(): number[] {
  return Array.from({ length: ORDER }, () => 0);
}
