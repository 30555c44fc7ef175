/** Words and signs of a text by the tokenizer 13a of mteval and sacrebleu. */
export function tokens13a(text: string): string[] {
  const plain = text
    .trimEnd()
    .replaceAll("<skipped>", "")
    .replaceAll("-\n", "")
    .replaceAll("\n", " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
  return words(
    ` ${plain} `
      .replaceAll(/([{-~[-` -&(-+:-@/])/g, " $1 ")
      .replaceAll(/([^0-9])([.,])/g, "$1 $2 ")
      .replaceAll(/([.,])([^0-9])/g, " $1 $2")
      .replaceAll(/([0-9])(-)/g, "$1 $2 "),
  );
}

/** What blanks separate. */
export function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** How often each sequence of `size` tokens comes; a sequence is its tokens with spaces between. */
export function countGrams(tokens: readonly string[], size: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let at = 0; at + size <= tokens.length; at++) {
    const gram = tokens.slice(at, at + size).join(" ");
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

/** The sum of some counts. */
export function totalOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
