import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { pretrainingText } from "./text.ts";

/** One pass over the text, its learning rate falling to zero at its end. */
export interface Round {
  readonly learningRate: number;
  readonly warmup: number;
  readonly seed: number;
  /** Times that each kind of text is read: glosses say most about words, and are short. */
  readonly copies: { readonly glosses: number; readonly examples: number; readonly prose: number };
}

/** What every round has in common. */
export const HYPERPARAMETERS = {
  epochs: 1,
  batchSize: 128,
  maxLength: 96,
  schedule: "linear",
  weightDecay: 0.01,
  maxGradientNorm: 1,
  maskRate: 0.15,
} as const;

/** The first round begins from random weights, the second from what the first one wrote. */
export const ROUNDS: readonly Round[] = [
  { learningRate: 1.5e-3, warmup: 0.04, seed: 7, copies: { glosses: 5, examples: 2, prose: 1 } },
  { learningRate: 1e-3, warmup: 0.02, seed: 8, copies: { glosses: 5, examples: 1, prose: 1 } },
];

/**
 * A row of masked-language modelling. Where it has a word, [CLS] predicts the word's first piece:
 * a gloss is read as the meaning of a word that is hidden, as in a reverse dictionary.
 */
export interface PretrainingRow {
  readonly text: string;
  readonly word?: string;
}

/** All rows of a round, in no order: batches are shuffled by the trainer. */
export function pretrainingRows({ copies, seed }: Pick<Round, "copies" | "seed">): PretrainingRow[] {
  const { glosses, examples, prose } = pretrainingText();
  const random = xoroshiro128plus(seed);
  const rows: PretrainingRow[] = [];
  for (let copy = 0; copy < copies.glosses; copy++) {
    for (const { definition, words } of glosses) {
      const word = words[uniformInt(random, 0, words.length - 1)] ?? "";
      // The last word of a compound says what kind of thing it is: "domestic dog".
      rows.push({ text: definition, word: word.split(" ").at(-1) ?? word });
    }
  }
  for (let copy = 0; copy < copies.examples; copy++) rows.push(...examples.map((text) => ({ text })));
  for (let copy = 0; copy < copies.prose; copy++) rows.push(...prose.map((text) => ({ text })));
  return rows;
}
