/** A labelled text. */
export interface Row {
  readonly text: string;
  readonly label: string;
}

/** Multinomial naive Bayes over words with add-one smoothing (Manning et al. 2008, §13.2): accuracy on `test`. */
export function naiveBayesAccuracy(train: readonly Row[], test: readonly Row[]): number {
  const labels = [...new Set(train.map((row) => row.label))];
  const vocabulary = new Set(train.flatMap((row) => words(row.text)));
  const scores = labels.map((label) => {
    const rows = train.filter((row) => row.label === label);
    const counts = new Map<string, number>();
    for (const word of rows.flatMap((row) => words(row.text))) counts.set(word, (counts.get(word) ?? 0) + 1);
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0) + vocabulary.size;
    const prior = Math.log(rows.length / train.length);
    return (text: string): number =>
      words(text).reduce((sum, word) => (vocabulary.has(word) ? sum + Math.log(((counts.get(word) ?? 0) + 1) / total) : sum), prior);
  });
  const right = test.filter((row) => {
    const values = scores.map((score) => score(row.text));
    return labels[values.indexOf(Math.max(...values))] === row.label;
  });
  return right.length / test.length;
}

function words(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}
