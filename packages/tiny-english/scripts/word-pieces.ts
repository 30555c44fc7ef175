/** Prefix of a piece that continues a word. */
const CONTINUES = "##";

/** A word as its pieces, and how often it occurs. */
interface Word {
  pieces: string[];
  readonly count: number;
}

/** Splits text as BERT's normaliser and pre-tokenizer do: lower case, no accents, words and single punctuation marks. */
export function splitWords(text: string): string[] {
  return (
    text
      .normalize("NFD")
      .replace(/\p{Mn}/gu, "")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? []
  );
}

/**
 * Learns word pieces: begins with characters and joins the most frequent neighbours, as byte-pair encoding does
 * (Sennrich et al. 2016), ties broken alphabetically, until there are `size` pieces. `special` come first.
 */
export function learnWordPieces(
  text: Iterable<string>,
  options: { size: number; special: readonly string[]; minimumCharacters: number },
): string[] {
  const words = countWords(text);
  const characters = new Map<string, number>();
  for (const word of words) for (const piece of word.pieces) characters.set(piece, (characters.get(piece) ?? 0) + word.count);
  const alphabet = [...characters]
    .filter(([, count]) => count >= options.minimumCharacters)
    .map(([piece]) => piece)
    .sort();
  const vocabulary = new Set([...options.special, ...alphabet]);
  const pairs = new PairCounts(words);
  while (vocabulary.size < options.size) {
    const best = pairs.mostFrequent();
    if (best === undefined) break;
    vocabulary.add(pairs.join(best));
  }
  return [...vocabulary];
}

function countWords(text: Iterable<string>): Word[] {
  const counts = new Map<string, number>();
  for (const line of text) for (const word of splitWords(line)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => ({
    pieces: [...word].map((character, index) => (index === 0 ? character : CONTINUES + character)),
    count,
  }));
}

/** How often two pieces stand side by side, and in which words. Kept up to date join by join. */
class PairCounts {
  readonly #words: readonly Word[];
  readonly #counts = new Map<string, number>();
  readonly #places = new Map<string, Set<number>>();

  constructor(words: readonly Word[]) {
    this.#words = words;
    words.forEach((_, index) => this.#add(index, 1));
  }

  mostFrequent(): string | undefined {
    let best: string | undefined;
    let most = 1;
    for (const [pair, count] of this.#counts) {
      if (count > most || (count === most && best !== undefined && pair < best)) [best, most] = [pair, count];
    }
    return best;
  }

  /** Joins a pair everywhere and gives the new piece. */
  join(pair: string): string {
    const [left, right] = pair.split(" ") as [string, string];
    const joined = left + right.slice(CONTINUES.length);
    for (const index of this.#places.get(pair) ?? []) {
      this.#add(index, -1);
      const word = this.#words[index] as Word;
      const pieces: string[] = [];
      for (const piece of word.pieces) {
        if (piece === right && pieces.at(-1) === left) pieces[pieces.length - 1] = joined;
        else pieces.push(piece);
      }
      word.pieces = pieces;
      this.#add(index, 1);
    }
    this.#counts.delete(pair);
    this.#places.delete(pair);
    return joined;
  }

  #add(index: number, sign: 1 | -1): void {
    const { pieces, count } = this.#words[index] as Word;
    for (let at = 1; at < pieces.length; at++) {
      const pair = `${pieces[at - 1]} ${pieces[at]}`;
      const total = (this.#counts.get(pair) ?? 0) + sign * count;
      if (total > 0) this.#counts.set(pair, total);
      else this.#counts.delete(pair);
      if (sign > 0) {
        const places = this.#places.get(pair) ?? new Set<number>();
        this.#places.set(pair, places.add(index));
      }
    }
  }
}
