import { type Metric, share } from "./metric.ts";
import { alignmentOf, editTrace } from "./ter-edits.ts";
import { words } from "./tokens.ts";

/** Longest sequence that is moved, farthest move, and most moves that are tried in a sentence: Tercom's bounds, and sacrebleu's. */
const SHIFT_SIZE = 10;
const SHIFT_DISTANCE = 50;
const SHIFTS_TRIED = 1000;

/**
 * Translation edit rate (Snover et al. 2006), from 0 to 100 and beyond, as sacrebleu takes it: insertions, deletions,
 * substitutions and moves of sequences for each hundred words of the reference; lower case.
 */
export const ter: Metric = {
  description: "Translation edit rate of sacrebleu, in percent",
  better: "less",
  texts: ({ predicted, actual }) => {
    let [edits, length] = [0, 0];
    for (const [index, text] of predicted.entries()) {
      const own = words(text.toLowerCase());
      const references = (actual[index] ?? []).map((reference) => words(reference.toLowerCase()));
      edits += Math.min(...references.map((reference) => editsBetween(own, reference)));
      length += share(
        references.reduce((sum, reference) => sum + reference.length, 0),
        references.length,
      );
    }
    if (length === 0) return edits > 0 ? 100 : 0;
    return (100 * edits) / length;
  },
};

/** Edits and moves that make the reference of a sentence. */
function editsBetween(sentence: readonly string[], reference: readonly string[]): number {
  if (reference.length === 0) return sentence.length;
  let current = sentence;
  let [moves, tried] = [0, 0];
  for (;;) {
    const best = bestMove(current, reference, tried);
    tried = best.tried;
    if (tried >= SHIFTS_TRIED || best.gain <= 0) return moves + editTrace(current, reference).cost;
    moves++;
    current = best.words;
  }
}

/** A move of a sequence, in the order in which moves are preferred. */
interface Move {
  readonly gain: number;
  readonly length: number;
  readonly start: number;
  readonly target: number;
  readonly words: readonly string[];
}

function bestMove(
  sentence: readonly string[],
  reference: readonly string[],
  before: number,
): { gain: number; words: readonly string[]; tried: number } {
  const { cost, trace } = editTrace(sentence, reference);
  const { align, sentenceErrors, referenceErrors } = alignmentOf(trace);
  const wrong = (errors: readonly boolean[], start: number, length: number): boolean => errors.slice(start, start + length).some(Boolean);
  let best: Move | undefined;
  let tried = before;
  for (const { start, at, length } of equalSequences(sentence, reference)) {
    // Only what stands wrong is moved, and only to where something is wrong.
    if (!wrong(sentenceErrors, start, length) || !wrong(referenceErrors, at, length)) continue;
    const aligned = align.get(at) ?? -1;
    if (start <= aligned && aligned < start + length) continue;
    let previous = -1;
    for (let offset = -1; offset < length; offset++) {
      const known = align.get(at + offset);
      if (at + offset !== -1 && known === undefined) break;
      const target = at + offset === -1 ? 0 : (known ?? 0) + 1;
      if (target === previous) continue;
      previous = target;
      const moved = move(sentence, { start, length, target });
      const candidate = { gain: cost - editTrace(moved, reference).cost, length, start, target, words: moved };
      tried++;
      if (best === undefined || isBetter(candidate, best)) best = candidate;
    }
    if (tried >= SHIFTS_TRIED) break;
  }
  return best === undefined ? { gain: 0, words: sentence, tried } : { gain: best.gain, words: best.words, tried };
}

function isBetter(one: Move, other: Move): boolean {
  if (one.gain !== other.gain) return one.gain > other.gain;
  if (one.length !== other.length) return one.length > other.length;
  if (one.start !== other.start) return one.start < other.start;
  return one.target < other.target;
}

function move(list: readonly string[], { start, length, target }: { start: number; length: number; target: number }): string[] {
  const part = list.slice(start, start + length);
  const end = start + length;
  if (target < start) return [...list.slice(0, target), ...part, ...list.slice(target, start), ...list.slice(end)];
  if (target > end) return [...list.slice(0, start), ...list.slice(end, target), ...part, ...list.slice(target)];
  return [...list.slice(0, start), ...list.slice(end, length + target), ...part, ...list.slice(length + target)];
}

function* equalSequences(
  sentence: readonly string[],
  reference: readonly string[],
): Generator<{ start: number; at: number; length: number }> {
  for (let start = 0; start < sentence.length; start++) {
    for (let at = 0; at < reference.length; at++) {
      if (Math.abs(at - start) > SHIFT_DISTANCE) continue;
      for (let length = 1; length <= SHIFT_SIZE; length++) {
        if (start + length > sentence.length || at + length > reference.length) break;
        if (sentence[start + length - 1] !== reference[at + length - 1]) break;
        yield { start, at, length };
      }
    }
  }
}
