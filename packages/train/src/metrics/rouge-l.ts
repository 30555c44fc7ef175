import { type Metric, mean, share } from "./metric.ts";

/** ROUGE-L (Lin 2004): F of the longest common subsequence, mean over the rows, as rouge-score takes it: letters and digits in lower case, the best reference. */
export const rougeL: Metric = {
  description: "F of the longest common subsequence, 0 to 1",
  better: "more",
  texts: ({ predicted, actual }) =>
    mean(
      predicted.map((text, index) => Math.max(0, ...(actual[index] ?? []).map((reference) => measureOf(tokens(text), tokens(reference))))),
    ),
};

function measureOf(one: readonly string[], other: readonly string[]): number {
  const common = longestCommon(one, other);
  const [precision, recall] = [share(common, one.length), share(common, other.length)];
  return share(2 * precision * recall, precision + recall);
}

function longestCommon(one: readonly string[], other: readonly string[]): number {
  let previous = new Uint32Array(other.length + 1);
  for (const word of one) {
    const current = new Uint32Array(other.length + 1);
    for (const [index, known] of other.entries())
      current[index + 1] = word === known ? (previous[index] ?? 0) + 1 : Math.max(previous[index + 1] ?? 0, current[index] ?? 0);
    previous = current;
  }
  return previous[other.length] ?? 0;
}

function tokens(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}
