/** The candidates that are nearest to a word by edit distance, best first; those that share nothing with it are left out. */
export function closest(word: string, candidates: Iterable<string>, count = 3): string[] {
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, distance: candidate.includes(word) || word.includes(candidate) ? 0 : editDistance(word, candidate) }))
    .filter(({ candidate, distance }) => distance < Math.max(word.length, candidate.length) * 0.7)
    .toSorted((one, other) => one.distance - other.distance || one.candidate.localeCompare(other.candidate, "en"))
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/** Levenshtein's distance. */
function editDistance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (one[row - 1] === other[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[other.length] ?? 0;
}
