import { uniformInt } from "pure-rand/distribution/uniformInt";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { readSynsets } from "./wordnet.ts";

/** One labelled row of the gloss topics. */
export interface Row {
  readonly text: string;
  readonly label: string;
}

/** Lexicographer files of wninput(5WN) that become labels. */
const LABELS = new Map([
  [4, "act"],
  [5, "animal"],
  [6, "artifact"],
  [15, "location"],
  [18, "person"],
  [20, "plant"],
]);
const TRAIN_ROWS = 600;
const TEST_ROWS = 100;
const SEED = 20_26;

/** The gloss topics, balanced over six labels. A definition that occurs twice is taken once, before splitting. */
export function makeTopics(): { train: Row[]; test: Row[] } {
  const seen = new Set<string>();
  const rows: Row[] = [];
  for (const synset of readSynsets("noun")) {
    const label = LABELS.get(synset.lexicographer);
    const key = synset.definition.toLowerCase();
    if (label === undefined || key === "" || seen.has(key)) continue;
    seen.add(key);
    rows.push({ text: synset.definition, label });
  }
  const random = xoroshiro128plus(SEED);
  const shuffled = shuffle(rows, random);
  const split = [...LABELS.values()].map((label) => shuffled.filter((row) => row.label === label).slice(0, TRAIN_ROWS + TEST_ROWS));
  return {
    train: shuffle(
      split.flatMap((list) => list.slice(0, TRAIN_ROWS)),
      random,
    ),
    test: shuffle(
      split.flatMap((list) => list.slice(TRAIN_ROWS)),
      random,
    ),
  };
}

/** Fisher–Yates, seeded. */
export function shuffle<T>(list: readonly T[], random: RandomGenerator): T[] {
  const result = [...list];
  for (let last = result.length - 1; last > 0; last--) {
    const other = uniformInt(random, 0, last);
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}
