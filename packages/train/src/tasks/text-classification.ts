import { LIMITS } from "@graft/format";
import { intValue } from "@graft/runtime";
import { type DataRecord, hasField, type ReadContext, textField } from "../data/columns.ts";
import { encodeExamples } from "../examples.ts";
import { type ClassBatch, classJudge } from "./class-judge.ts";
import { classLoss, LABELS } from "./class-loss.ts";
import { LabelSet } from "./label-set.ts";
import { encodeText, textFeeds } from "./text-batch.ts";
import type { Rowed, Task, TaskDefinition, TaskRun } from "./task.ts";

/** A text, or two, with its label. */
export interface LabelledRow {
  readonly text: string;
  readonly pair?: string;
  readonly label: string;
}

/** Which label a text has. */
export interface TextClassificationRows extends Rowed<"text-classification", LabelledRow> {
  /** Labels in the order of the outputs; those of the training rows, sorted, by default. */
  readonly labels?: readonly string[];
}

/** One label of a text or of a pair of texts, as `transformers`' sequence classifiers give it. */
export const textClassification: TaskDefinition<TextClassificationRows> = {
  description: "One label of a text, or of a pair of texts",
  columns: ["text", "pair", "label"],
  parse: labelledRow,
  open,
  loss: classLoss,
  evaluates: "predictions",
};

function labelledRow(record: DataRecord, context: ReadContext): LabelledRow {
  const paired = context.columns.pair !== undefined || hasField(record, "pair", context.columns);
  return {
    text: textField(record, "text", context),
    ...(paired ? { pair: textField(record, "pair", context) } : {}),
    label: textField(record, "label", context),
  };
}

async function open(run: TaskRun<TextClassificationRows>): Promise<Task<ClassBatch>> {
  const { task, tokenizer, maxLength } = run;
  const set = new LabelSet(task.labels);
  const read = (rows: TextClassificationRows["rows"]) =>
    encodeExamples(rows, {
      ...run,
      store: run.openStore<{ ids: Int32Array; typeIds: Uint8Array; label: Int32Array }>(),
      encode: (row: LabelledRow, place) => {
        const label = set.number(row.label, place);
        const { example, ...rest } = encodeText(row, { tokenizer, maxLength });
        return { ...rest, example: { ...example, label: Int32Array.of(label) } };
      },
    });
  const train = await read(task.rows);
  const labels = train.lengths.length === 0 ? [] : set.close(2);
  const parts = { train, evaluation: await read(task.evaluation ?? []) };
  return {
    plan: { type: "text-classification", labels },
    labels,
    metrics: ["accuracy", "f1"],
    lengths: { train: train.lengths, evaluation: parts.evaluation.lengths },
    truncated: train.truncated + parts.evaluation.truncated,
    skipped: train.skipped + parts.evaluation.skipped,
    batch: async (part, { rows }) => {
      const examples = await parts[part].store.read(rows);
      const classes = examples.map(({ label }) => set.index(label[0] ?? 0));
      const { feeds, tokens } = textFeeds(examples, { padId: tokenizer.padId, maxLength });
      return { feeds: { ...feeds, [LABELS]: intValue([classes.length], classes) }, tokens, weight: classes.length, labels: classes };
    },
    judge: () => classJudge(labels.length),
    golden: (part) =>
      parts[part].samples.flatMap(({ row: { text, pair }, number }) =>
        text.length + (pair ?? "").length > LIMITS.goldenCharacters
          ? []
          : [{ inputs: { text, ...(pair === undefined ? {} : { pair }) }, row: number }],
      ),
  };
}
