import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { below, fraction } from "./random.ts";

/** Label of a padded masked position: the loss leaves it out. */
export const IGNORED = -100;

/** What masking needs to know of the vocabulary. */
export interface MaskVocabulary {
  readonly maskId: number;
  readonly size: number;
  /** Ids that are neither hidden nor drawn at random: [CLS], [SEP], [PAD] and their kind. */
  readonly specialIds: ReadonlySet<number>;
}

/** A row with some tokens hidden. */
export interface MaskedRow {
  readonly ids: Int32Array;
  /** Positions to predict, ascending, and the ids that stood there. */
  readonly positions: readonly number[];
  readonly labels: readonly number[];
}

/** How many of `tokens` tokens are predicted: at least one, where there is any. */
export function maskCount(tokens: number, rate: number): number {
  return tokens === 0 ? 0 : Math.min(tokens, Math.max(1, Math.round(tokens * rate)));
}

/** Hides tokens as BERT's pre-training does (Devlin et al. 2018): of the chosen ones 80 % become [MASK], 10 % a random token, 10 % stay. */
export function maskRow(ids: Int32Array, vocabulary: MaskVocabulary, options: { rate: number; random: RandomGenerator }): MaskedRow {
  const { random } = options;
  const candidates: number[] = [];
  for (const [position, id] of ids.entries()) if (!vocabulary.specialIds.has(id)) candidates.push(position);
  const count = maskCount(candidates.length, options.rate);
  for (let index = 0; index < count; index++) {
    const other = index + below(random, candidates.length - index);
    [candidates[index], candidates[other]] = [candidates[other] as number, candidates[index] as number];
  }
  const positions = candidates.slice(0, count).sort((left, right) => left - right);
  const labels = positions.map((position) => ids[position] as number);
  const hidden = ids.slice();
  for (const position of positions) {
    const draw = fraction(random);
    if (draw < 0.8) hidden[position] = vocabulary.maskId;
    else if (draw < 0.9) hidden[position] = randomToken(vocabulary, random);
  }
  return { ids: hidden, positions, labels };
}

function randomToken({ size, specialIds }: MaskVocabulary, random: RandomGenerator): number {
  for (;;) {
    const id = below(random, size);
    if (!specialIds.has(id)) return id;
  }
}
