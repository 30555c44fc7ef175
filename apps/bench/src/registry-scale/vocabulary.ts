/** Numbers in [0, 1) from a whole number, the same on every machine (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const SYLLABLES = ["ba", "ko", "mi", "ra", "te", "lu", "no", "si", "ver", "dan", "pel", "gor", "fi", "zu", "hal", "wen"];
const COUNT = 8_000;

/** Made-up words; the first ones are used most, as in any language. */
const VOCABULARY: readonly string[] = Array.from({ length: COUNT }, (_, index) => {
  let [word, rest] = ["", index];
  for (let part = 0; part < 4; part++, rest = Math.floor(rest / SYLLABLES.length)) word += SYLLABLES[rest % SYLLABLES.length];
  return word;
});

/** Stands in the description of every third adapter. */
export const FREQUENT = "classifier";

/** A word by Zipf's law. */
export function drawWord(random: () => number): string {
  const place = Math.floor(COUNT ** random()) - 1;
  return VOCABULARY[place] ?? "";
}
