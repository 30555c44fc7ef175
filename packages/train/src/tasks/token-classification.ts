import { LIMITS } from "@graft/format";
import { intValue, type Tokenizer } from "@graft/runtime";
import { brokenRow, listField } from "../data/columns.ts";
import type { Place } from "../data/rows.ts";
import { type Encoded, encodeExamples } from "../examples.ts";
import { IGNORED } from "../masking.ts";
import type { MetricName } from "../metrics.ts";
import { type ClassBatch, classJudge } from "./class-judge.ts";
import { classLoss, LABELS } from "./class-loss.ts";
import { type Examination, type Examiner, logLoss } from "./examiner.ts";
import { LabelSet } from "./label-set.ts";
import { countParts } from "./parts.ts";
import { textFeeds } from "./text-batch.ts";
import type { Rowed, Task, TaskDefinition, TaskRun } from "./task.ts";

/** Words, each with its label. */
export interface TaggedRow {
  readonly words: readonly string[];
  readonly tags: readonly string[];
}

/** Which label each word has. */
export interface TokenClassificationRows extends Rowed<"token-classification", TaggedRow> {
  /** Labels in the order of the outputs; those of the training rows, sorted, by default. */
  readonly labels?: readonly string[];
}

/** `labels` holds a label for each token: that of the word at its first token, IGNORED elsewhere. */
type Tagged = { readonly ids: Int32Array; readonly typeIds: Uint8Array; readonly labels: Int32Array };

const OWN_METRICS = ["accuracy", "f1"] as const satisfies readonly MetricName[];

/** A label for each word, predicted at its first token, as in the examples of `transformers`. */
export const tokenClassification: TaskDefinition<TokenClassificationRows> = {
  description: "A label for each word of a text",
  columns: ["words", "tags"],
  parse: (record, context): TaggedRow => {
    const [words, tags] = [listField(record, "words", context), listField(record, "tags", context)];
    if (words.length !== tags.length)
      throw brokenRow(context.place, `it has ${words.length} words and ${tags.length} tags`, "Give a tag for each word");
    return { words, tags };
  },
  input: (record, context) => ({ words: listField(record, "words", context) }),
  examine,
  open,
  loss: classLoss,
  evaluates: () => "predictions",
};

async function open(run: TaskRun<TokenClassificationRows>): Promise<Task<ClassBatch>> {
  const { task, tokenizer, maxLength } = run;
  const set = new LabelSet(task.labels);
  const read = (rows: TokenClassificationRows["rows"]) =>
    encodeExamples(rows, {
      ...run,
      store: run.openStore<Tagged>(),
      encode: (row: TaggedRow, place) => encodeRow(row, { tokenizer, maxLength, set, place }),
    });
  const train = await read(task.rows);
  const labels = train.lengths.length === 0 ? [] : set.close(2);
  const parts = { train, evaluation: await read(task.evaluation ?? []) };
  return {
    plan: { type: "token-classification", labels },
    labels,
    metrics: OWN_METRICS,
    ...countParts(parts),
    batch: async (part, { rows }) => {
      const examples = await parts[part].store.read(rows);
      const { feeds, tokens } = textFeeds(examples, { padId: tokenizer.padId, maxLength });
      const width = feeds.input_ids.dims[1] ?? 0;
      const classes = examples.flatMap((example) =>
        Array.from({ length: width }, (_, at) => {
          const label = example.labels[at] ?? IGNORED;
          return label === IGNORED ? IGNORED : set.index(label);
        }),
      );
      return {
        feeds: { ...feeds, [LABELS]: intValue([classes.length], classes) },
        tokens,
        weight: classes.filter((label) => label !== IGNORED).length,
        labels: classes,
      };
    },
    judge: () => classJudge(labels.length),
    golden: (part) =>
      parts[part].samples.flatMap(({ row: { words }, number }) => {
        const text = words.join(" ");
        // Read as a text, it must fall into the same words.
        return text.length > LIMITS.goldenCharacters || words.some((word) => /\s/.test(word)) ? [] : [{ inputs: { text }, row: number }];
      }),
  };
}

function encodeRow(
  { words, tags }: TaggedRow,
  options: { tokenizer: Tokenizer; maxLength: number; set: LabelSet; place: Place },
): Encoded<Tagged> {
  const { tokenizer, maxLength, set, place } = options;
  const numbers = tags.map((tag) => set.number(tag, place));
  const { ids, typeIds, wordStarts, cut } = tokenizer.encodeWords(words, { maxLength });
  const labels = new Int32Array(ids.length).fill(IGNORED);
  for (const [word, start] of wordStarts.entries()) if (start !== undefined) labels[start] = numbers[word] ?? IGNORED;
  if (labels.every((label) => label === IGNORED)) throw brokenRow(place, "none of its words has a token that is read");
  return { example: { ids: Int32Array.from(ids), typeIds: Uint8Array.from(typeIds), labels }, length: ids.length, cut };
}

function examine({ labels }: Examination): Examiner<TaggedRow> {
  const set = new LabelSet(labels, "those of the adapter");
  const [predicted, actual, scores]: [number[], number[], number[]] = [[], [], []];
  return {
    metrics: OWN_METRICS,
    inputs: ({ words }) => [{ words }],
    add({ row, place, answers: [answer] }) {
      for (const [index, tag] of row.tags.entries()) {
        const truth = set.number(tag, place);
        const word = answer?.words?.[index];
        // A word that was cut off is none that the model got right or wrong.
        if (word === undefined || word.label === "") continue;
        actual.push(truth);
        predicted.push(labels.indexOf(word.label));
        scores.push(word.scores[tag] ?? 0);
      }
    },
    verdict: () => ({ outcome: { kind: "classes", predicted, actual, classes: labels.length }, loss: logLoss(scores) }),
  };
}
