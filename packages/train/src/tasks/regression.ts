import { meanSquaredError } from "@graft/autodiff";
import { floatValue } from "@graft/runtime";
import { brokenRow, numbersField, pairOf, textField } from "../data/columns.ts";
import { encodeExamples } from "../examples.ts";
import { measure, type MetricName } from "../metrics.ts";
import { TARGETS, targetsInput } from "./label-sets.ts";
import { type NumberBatch, numberJudge } from "./number-judge.ts";
import { countParts, goldenTexts } from "./parts.ts";
import { encodeText, textFeeds, textInput } from "./text-batch.ts";
import type { Rowed, Task, TaskDefinition, TaskRun } from "./task.ts";

/** A text, or two, with its number; with several, always as many. */
export interface ScoredRow {
  readonly text: string;
  readonly pair?: string;
  readonly score: number | readonly number[];
}

/** Which number a text has, or which numbers. */
export interface RegressionRows extends Rowed<"regression", ScoredRow> {
  /** What the numbers are called; "score", or "score-1", … by default. */
  readonly labels?: readonly string[];
}

type Scored = { readonly ids: Int32Array; readonly typeIds: Uint8Array; readonly scores: Float32Array };

const OWN_METRICS = ["pearson", "spearman", "mse"] as const satisfies readonly MetricName[];

/** One number of a text or of a pair of texts, or several, as `transformers` with `problem_type` "regression". */
export const regression: TaskDefinition<RegressionRows> = {
  description: "A number of a text or of a pair of texts, or several",
  columns: ["text", "pair", "score"],
  parse: (record, context): ScoredRow => ({
    text: textField(record, "text", context),
    ...pairOf(record, context),
    score: numbersField(record, "score", context),
  }),
  input: textInput,
  examine: ({ labels }) => {
    const [predicted, actual]: [number[][], number[][]] = [[], []];
    return {
      metrics: OWN_METRICS,
      inputs: ({ text, pair }) => [{ text, ...(pair === undefined ? {} : { pair }) }],
      add({ row: { score }, answers: [answer] }) {
        actual.push(typeof score === "number" ? [score] : [...score]);
        predicted.push(labels.map((label) => answer?.scores[label] ?? 0));
      },
      verdict: () => {
        const outcome = { kind: "numbers", predicted, actual } as const;
        return { outcome, loss: measure(["mse"], { outcome, loss: 0 })["mse"] ?? 0 };
      },
    };
  },
  open,
  loss: (builder, { logits }) => meanSquaredError(builder, { predictions: logits, targets: targetsInput(builder) }),
  evaluates: () => "logits",
};

async function open(run: TaskRun<RegressionRows>): Promise<Task<NumberBatch>> {
  const { task, tokenizer, maxLength } = run;
  let width = task.labels?.length;
  const read = (rows: RegressionRows["rows"]) =>
    encodeExamples(rows, {
      ...run,
      store: run.openStore<Scored>(),
      encode: (row: ScoredRow, place) => {
        const scores = Float32Array.from(typeof row.score === "number" ? [row.score] : row.score);
        width ??= scores.length;
        if (scores.length !== width) throw brokenRow(place, `it has ${scores.length} numbers, want ${width}`, "Give every row as many");
        const { example, ...rest } = encodeText(row, { tokenizer, maxLength });
        return { ...rest, example: { ...example, scores } };
      },
    });
  const parts = { train: await read(task.rows), evaluation: await read(task.evaluation ?? []) };
  const count = width ?? 1;
  const labels = task.labels ?? (count === 1 ? ["score"] : Array.from({ length: count }, (_, index) => `score-${index + 1}`));
  return {
    plan: { type: "regression", labels },
    labels,
    metrics: OWN_METRICS,
    ...countParts(parts),
    batch: async (part, { rows }) => {
      const examples = await parts[part].store.read(rows);
      const { feeds, tokens } = textFeeds(examples, { padId: tokenizer.padId, maxLength });
      const targets = examples.map(({ scores }) => [...scores]);
      return {
        feeds: { ...feeds, [TARGETS]: floatValue([targets.length, count], Float32Array.from(targets.flat())) },
        tokens,
        weight: targets.length,
        targets,
      };
    },
    judge: numberJudge,
    golden: goldenTexts(parts, (row) => row),
  };
}
