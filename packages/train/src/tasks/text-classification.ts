import { GraftError } from "@graft/error";
import { intValue, padBatch } from "@graft/runtime";
import type { LabelledRow } from "../data/labelled-row.ts";
import type { Encoded } from "../encode-rows.ts";
import { LABELS } from "../forward-graph.ts";
import type { Batch, Part, Task } from "./task.ts";

/** What classification is set up with. */
export interface TextClassificationOptions {
  readonly rows: Readonly<Record<Part, Encoded>>;
  readonly labelled: Readonly<Record<Part, readonly LabelledRow[]>>;
  readonly padId: number;
  readonly maxLength: number;
}

/** Predicts the label of a text. Labels are those of the training rows, in alphabetical order. DATA_INVALID. */
export function textClassification(options: TextClassificationOptions): Task {
  const { rows, labelled } = options;
  const labels = [...new Set(labelled.train.map(({ label }) => label))].sort();
  const classes = new Map(labels.map((label, index) => [label, index]));
  if (labels.length < 2) {
    throw new GraftError("DATA_INVALID", `Cannot train a classifier: every row has the label "${labels[0] ?? ""}"`, {
      hint: "Give rows of at least two labels",
    });
  }
  const unknown = labelled.evaluation.find(({ label }) => !classes.has(label));
  if (unknown !== undefined) {
    throw new GraftError("DATA_INVALID", `Cannot evaluate: the label "${unknown.label}" is not among the training rows`, {
      hint: `Training rows have ${labels.slice(0, 8).join(", ")}`,
    });
  }
  return {
    plan: { type: "text-classification", labels },
    metrics: ["accuracy", "f1"],
    lengths: { train: rows.train.rows.map(({ ids }) => ids.length), evaluation: rows.evaluation.rows.map(({ ids }) => ids.length) },
    truncated: rows.train.truncated + rows.evaluation.truncated,
    batch: (part, chosen) => labelledBatch(options, { part, classes, ...chosen }),
  };
}

function labelledBatch(
  options: TextClassificationOptions,
  { part, rows, classes }: { part: Part; rows: readonly number[]; classes: ReadonlyMap<string, number> },
): Batch {
  const encoded = rows.flatMap((row) => options.rows[part].rows[row] ?? []);
  const labels = rows.map((row) => classes.get(options.labelled[part][row]?.label ?? "") ?? 0);
  const feeds = padBatch(
    encoded.map(({ ids, typeIds }) => ({ ids: [...ids], typeIds: [...typeIds] })),
    { padId: options.padId, rounded: true, maxLength: options.maxLength },
  );
  return {
    feeds: { ...feeds, [LABELS]: intValue([labels.length], labels) },
    tokens: encoded.reduce((sum, { ids }) => sum + ids.length, 0),
    labels,
  };
}
