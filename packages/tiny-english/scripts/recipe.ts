import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { pretrainingText } from "./text.ts";

/** Every number of the pre-training run. */
export const HYPERPARAMETERS = {
  epochs: 1,
  batchSize: 128,
  maxLength: 96,
  learningRate: 1.5e-3,
  schedule: "linear",
  warmup: 0.04,
  weightDecay: 0.01,
  maxGradientNorm: 1,
  maskRate: 0.15,
  seed: 7,
} as const;

/** Times that each kind of text is read: glosses say most about words, and are short. */
const COPIES = { glosses: 5, examples: 2, prose: 1 };

/**
 * A row of masked-language modelling. Where it has a word, [CLS] predicts the word's first piece:
 * a gloss is read as the meaning of a word that is hidden, as in a reverse dictionary.
 */
export interface PretrainingRow {
  readonly text: string;
  readonly word?: string;
}

/** All rows of the run, in no order: batches are shuffled by the trainer. */
export function pretrainingRows(): PretrainingRow[] {
  const { glosses, examples, prose } = pretrainingText();
  const random = xoroshiro128plus(HYPERPARAMETERS.seed);
  const rows: PretrainingRow[] = [];
  for (let copy = 0; copy < COPIES.glosses; copy++) {
    for (const { definition, words } of glosses) {
      const word = words[uniformInt(random, 0, words.length - 1)] ?? "";
      // The last word of a compound says what kind of thing it is: "domestic dog".
      rows.push({ text: definition, word: word.split(" ").at(-1) ?? word });
    }
  }
  for (let copy = 0; copy < COPIES.examples; copy++) rows.push(...examples.map((text) => ({ text })));
  for (let copy = 0; copy < COPIES.prose; copy++) rows.push(...prose.map((text) => ({ text })));
  return rows;
}
