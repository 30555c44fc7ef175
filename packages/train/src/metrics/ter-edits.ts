/** What is done at each step from the reference to the sentence: keep, substitute, a word that only the sentence has, one that only the reference has. */
type Edit = "keep" | "substitute" | "sentence" | "reference";

/** Width of the band around the diagonal that is looked at, as in sacrebleu. */
const BEAM = 25;

/** Least count of insertions, deletions and substitutions, and what they are. */
export function editTrace(sentence: readonly string[], reference: readonly string[]): { cost: number; trace: readonly Edit[] } {
  const [rows, columns] = [sentence.length, reference.length];
  const ratio = rows === 0 ? 1 : columns / rows;
  const beam = BEAM < ratio / 2 ? Math.ceil(ratio / 2 + BEAM) : BEAM;
  const costs = Array.from({ length: rows + 1 }, () => new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY));
  const edits = Array.from({ length: rows + 1 }, () => Array.from({ length: columns + 1 }, (): Edit => "reference"));
  for (let column = 0; column <= columns; column++) (costs[0] as Float64Array)[column] = column;
  for (let row = 1; row <= rows; row++) {
    const [above, own] = [costs[row - 1] as Float64Array, costs[row] as Float64Array];
    const diagonal = Math.floor(row * ratio);
    const end = row === rows ? columns + 1 : Math.min(columns + 1, diagonal + beam);
    for (let column = Math.max(0, diagonal - beam); column < end; column++) {
      const same = column > 0 && sentence[row - 1] === reference[column - 1];
      const options: readonly (readonly [number, Edit])[] = [
        [column === 0 ? Number.POSITIVE_INFINITY : (above[column - 1] ?? 0) + Number(!same), same ? "keep" : "substitute"],
        [(above[column] ?? 0) + 1, "sentence"],
        [column === 0 ? Number.POSITIVE_INFINITY : (own[column - 1] ?? 0) + 1, "reference"],
      ];
      for (const [cost, edit] of options) {
        if (cost >= (own[column] ?? 0)) continue;
        own[column] = cost;
        (edits[row] as Edit[])[column] = edit;
      }
    }
  }
  const trace: Edit[] = [];
  for (let [row, column] = [rows, columns]; row > 0 || column > 0;) {
    const edit = edits[row]?.[column] ?? "reference";
    trace.push(edit);
    if (edit !== "reference") row--;
    if (edit !== "sentence") column--;
  }
  return { cost: costs[rows]?.[columns] ?? 0, trace: trace.toReversed() };
}

/** Where each word of the reference is in the sentence, and which words of either are wrong. */
export function alignmentOf(trace: readonly Edit[]): {
  readonly align: ReadonlyMap<number, number>;
  readonly sentenceErrors: readonly boolean[];
  readonly referenceErrors: readonly boolean[];
} {
  const align = new Map<number, number>();
  const [sentenceErrors, referenceErrors]: [boolean[], boolean[]] = [[], []];
  for (const edit of trace) {
    if (edit !== "reference") sentenceErrors.push(edit !== "keep");
    if (edit === "sentence") continue;
    referenceErrors.push(edit !== "keep");
    align.set(referenceErrors.length - 1, sentenceErrors.length - 1);
  }
  return { align, sentenceErrors, referenceErrors };
}
