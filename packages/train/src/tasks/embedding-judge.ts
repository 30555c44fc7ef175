import type { Batch, Judge } from "./task.ts";

/** A batch of texts: all first ones, then all second ones, … */
export interface EmbeddingBatch extends Batch {
  readonly texts: number;
  /** Of each pair; none where pairs are ranked. */
  readonly scores: readonly number[];
}

/** Pairs among which a text must find its own. */
const CANDIDATES = 1024;

/**
 * Gathers vectors. Scored pairs give their cosines; others, for each text, which second text is nearest among up to 1,024 rows:
 * its own is the class that is right. Which of the two it is, the rows tell where nobody knows it before.
 */
export function embeddingJudge(scored?: boolean): Judge<EmbeddingBatch> {
  const pairs: { readonly first: Float64Array; readonly second: Float64Array }[] = [];
  const scores: number[] = [];
  return {
    add({ texts, scores: own }, { data, dims }) {
      const width = dims[1] ?? 0;
      const rows = (dims[0] ?? 0) / texts;
      const vector = (index: number): Float64Array => unit(Array.from(data.slice(index * width, (index + 1) * width), Number));
      for (let row = 0; row < rows; row++) pairs.push({ first: vector(row), second: vector(rows + row) });
      scores.push(...own);
    },
    outcome: () => {
      if (scored ?? scores.length > 0)
        return {
          kind: "numbers",
          predicted: pairs.map(({ first, second }) => [dot(first, second)]),
          actual: scores.map((score) => [score]),
        };
      const predicted: number[] = [];
      for (let begin = 0; begin < pairs.length; begin += CANDIDATES) {
        const block = pairs.slice(begin, begin + CANDIDATES);
        for (const { first } of block) {
          const cosines = block.map(({ second }) => dot(first, second));
          predicted.push(begin + cosines.indexOf(Math.max(...cosines)));
        }
      }
      return { kind: "classes", predicted, actual: pairs.map((_, index) => index), classes: pairs.length };
    },
  };
}

function unit(values: readonly number[]): Float64Array {
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return Float64Array.from(values, (value) => value / Math.max(length, 1e-12));
}

function dot(one: Float64Array, other: Float64Array): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
}
