import { LIMITS } from "@graft/format";
import type { ExampleSet } from "../examples.ts";
import type { Part, Task } from "./task.ts";

/** What a task says of its rows, both parts together. */
export function countParts({
  train,
  evaluation,
}: Readonly<Record<Part, Omit<ExampleSet<unknown, never>, "store" | "samples">>>): Pick<Task, "lengths" | "truncated" | "skipped"> {
  return {
    lengths: { train: train.lengths, evaluation: evaluation.lengths },
    truncated: train.truncated + evaluation.truncated,
    skipped: train.skipped + evaluation.skipped,
  };
}

/** Golden cases from the first rows, those whose texts are short enough. */
export function goldenTexts<Row>(
  parts: Readonly<Record<Part, Pick<ExampleSet<Row, never>, "samples">>>,
  textsOf: (row: Row) => { readonly text: string; readonly pair?: string },
): Task["golden"] {
  return (part) =>
    parts[part].samples.flatMap(({ row, number }) => {
      const { text, pair } = textsOf(row);
      if (text.length + (pair ?? "").length > LIMITS.goldenCharacters) return [];
      return [{ inputs: { text, ...(pair === undefined ? {} : { pair }) }, row: number }];
    });
}
