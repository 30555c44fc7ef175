import { intValue } from "@graft/runtime";
import { type DataRecord, labelsField, pairOf, type ReadContext, textField } from "../data/columns.ts";
import { encodeExamples } from "../examples.ts";
import type { MetricName } from "../metrics.ts";
import { classJudge } from "./class-judge.ts";
import { classLoss, LABELS } from "./class-loss.ts";
import { LabelSet } from "./label-set.ts";
import { labelSetLoss, labelSetTargets, setJudge, TARGETS } from "./label-sets.ts";
import { countParts, goldenTexts } from "./parts.ts";
import { encodeText, textFeeds, textInput } from "./text-batch.ts";
import { type Examination, type Examiner, logLoss } from "./examiner.ts";
import type { Batch, Rowed, Task, TaskDefinition, TaskRun } from "./task.ts";

/** A text, or two, with its label; with any number of labels where each is decided apart. */
export interface LabelledRow {
  readonly text: string;
  readonly pair?: string;
  readonly label: string | readonly string[];
}

/** Which label a text has, or which labels. */
export interface TextClassificationRows extends Rowed<"text-classification", LabelledRow> {
  /** Labels in the order of the outputs; those of the training rows, sorted, by default. */
  readonly labels?: readonly string[];
  /** Decides each label apart: a row may have several, or none. */
  readonly multiLabel?: boolean;
  /** Probability from which one of several labels is given; 0.5 by default. */
  readonly threshold?: number;
}

type Labelled = { readonly ids: Int32Array; readonly typeIds: Uint8Array; readonly labels: Int32Array };

/** What batches carry for the judge: a class a row, or a set of classes. */
interface LabelledBatch extends Batch {
  readonly labels: readonly number[];
  readonly sets: readonly (readonly number[])[];
}

/** One label of a text or of a pair of texts, or several, as `transformers`' sequence classifiers give them. */
export const textClassification: TaskDefinition<TextClassificationRows> = {
  description: "One label of a text or of a pair of texts, or several",
  columns: ["text", "pair", "label"],
  parse: (record: DataRecord, context: ReadContext): LabelledRow => ({
    text: textField(record, "text", context),
    ...pairOf(record, context),
    label: labelsField(record, context),
  }),
  input: textInput,
  examine,
  open,
  loss: (builder, { logits, task, labelSmoothing }) =>
    "multiLabel" in task && task.multiLabel === true ? labelSetLoss(builder, { logits }) : classLoss(builder, { logits, labelSmoothing }),
  evaluates: (task) => ("multiLabel" in task && task.multiLabel === true ? "logits" : "predictions"),
};

async function open(run: TaskRun<TextClassificationRows>): Promise<Task<LabelledBatch>> {
  const { task, tokenizer, maxLength } = run;
  const { multiLabel = false, threshold = 0.5 } = task;
  const set = new LabelSet(task.labels);
  const read = (rows: TextClassificationRows["rows"]) =>
    encodeExamples(rows, {
      ...run,
      store: run.openStore<Labelled>(),
      encode: (row: LabelledRow, place) => {
        const labels = Int32Array.from(multiLabel ? set.several(row.label, place) : [set.number(row.label, place)]);
        const { example, ...rest } = encodeText(row, { tokenizer, maxLength });
        return { ...rest, example: { ...example, labels } };
      },
    });
  const train = await read(task.rows);
  const labels = train.lengths.length === 0 ? [] : set.close(multiLabel ? 1 : 2);
  const parts = { train, evaluation: await read(task.evaluation ?? []) };
  return {
    plan: { type: "text-classification", labels, ...(multiLabel ? { multiLabel, threshold } : {}) },
    labels,
    metrics: metricsOf(multiLabel),
    ...countParts(parts),
    batch: async (part, { rows }) => {
      const examples = await parts[part].store.read(rows);
      const sets = examples.map((example) => Array.from(example.labels, (number) => set.index(number)));
      const classes = sets.map(([first = 0]) => first);
      const { feeds, tokens } = textFeeds(examples, { padId: tokenizer.padId, maxLength });
      const truth = multiLabel ? { [TARGETS]: labelSetTargets(sets, labels.length) } : { [LABELS]: intValue([classes.length], classes) };
      return { feeds: { ...feeds, ...truth }, tokens, weight: classes.length, labels: classes, sets };
    },
    judge: () => (multiLabel ? setJudge(labels.length, threshold) : classJudge(labels.length)),
    golden: goldenTexts(parts, (row) => row),
  };
}

function metricsOf(several: boolean): readonly MetricName[] {
  return several ? ["f1-micro", "f1", "exact-match"] : ["accuracy", "f1"];
}

function examine({ labels, activation }: Examination): Examiner<LabelledRow> {
  const set = new LabelSet(labels, "those of the adapter");
  const several = activation === "sigmoid";
  const [predicted, actual]: [number[][], number[][]] = [[], []];
  const scores: number[] = [];
  return {
    metrics: metricsOf(several),
    inputs: ({ text, pair }) => [{ text, ...(pair === undefined ? {} : { pair }) }],
    add({ row, place, answers: [answer] }) {
      const truth = several ? set.several(row.label, place) : [set.number(row.label, place)];
      actual.push(truth);
      predicted.push((several ? (answer?.labels ?? []) : [answer?.label ?? ""]).map((label) => labels.indexOf(label)));
      for (const [index, label] of labels.entries()) {
        const score = answer?.scores[label] ?? 0;
        if (truth.includes(index)) scores.push(score);
        else if (several) scores.push(1 - score);
      }
    },
    verdict: () => ({
      loss: logLoss(scores),
      outcome: several
        ? { kind: "sets", predicted, actual, classes: labels.length }
        : { kind: "classes", predicted: predicted.flat(), actual: actual.flat(), classes: labels.length },
    }),
  };
}
