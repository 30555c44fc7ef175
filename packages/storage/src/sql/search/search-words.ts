/** Words of one entry and of one question: nobody needs more, and an index of a whole book would find everything. */
export const WORDS = { entry: 500, question: 20, letters: 64 } as const;

/** A word: letters and digits, or one sign of a script that puts no spaces between words. */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[\p{L}\p{N}])+/gu;

/** The distinct words of texts, in the order they stand there: lower-case, without accents, so that "Café" and "cafe" are one. */
export function searchWords(texts: readonly string[], most: number): string[] {
  const plain = texts.join(" ").normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const words = new Set<string>();
  for (const [word] of plain.matchAll(WORD)) {
    words.add(word.slice(0, WORDS.letters));
    if (words.size === most) break;
  }
  return [...words];
}
