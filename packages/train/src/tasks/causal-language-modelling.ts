import { GraftError } from "@graft/error";
import { PREDICTING_POSITIONS } from "@graft/methods";
import { intValue, padBatch } from "@graft/runtime";
import { brokenRow } from "../data/columns.ts";
import { encodeExamples, type ExampleSet } from "../examples.ts";
import { IGNORED } from "../masking.ts";
import { type CausalExample, encodeCausal, encodeWhole } from "./causal-encoding.ts";
import { causalPrompt, causalRow, type CausalRow } from "./causal-rows.ts";
import { CAUSAL_METRICS, examineCausal } from "./causal-examiner.ts";
import { type ClassBatch, classJudge } from "./class-judge.ts";
import { classLoss, LABELS } from "./class-loss.ts";
import { packRows } from "./pack-rows.ts";
import { countParts } from "./parts.ts";
import type { Rowed, Task, TaskDefinition, TaskRun } from "./task.ts";

/** Texts, completions and conversations to go on with. */
export interface CausalLanguageRows extends Rowed<"causal-language-modelling", CausalRow> {
  /** Texts one after the other in rows of the longest length, for texts alone; a row each by default. */
  readonly packed?: boolean;
}

/** Predictions come in multiples of so many: few shapes keep the runtime's memory small. */
const STEP = 32;

/** Predicts each next token, as the language models of `transformers` do. */
export const causalLanguageModelling: TaskDefinition<CausalLanguageRows> = {
  description: "The next token of a text, of a completion, or of what the assistant says",
  columns: ["text", "prompt", "completion", "messages", "tools"],
  readsLines: true,
  parse: causalRow,
  input: (record, context) => {
    const prompt = causalPrompt(record, context);
    if (typeof prompt === "string") return { text: prompt };
    throw brokenRow(context.place, "a conversation is no row to predict", "Answer it with graft generate");
  },
  examine: examineCausal,
  open,
  loss: classLoss,
  evaluates: () => "predictions",
};

async function open(run: TaskRun<CausalLanguageRows>): Promise<Task<ClassBatch>> {
  const { task, tokenizer, maxLength } = run;
  const parts = { train: await read(task.rows, run), evaluation: await read(task.evaluation ?? [], run) };
  return {
    plan: { type: "causal-language-modelling" },
    labels: [],
    metrics: CAUSAL_METRICS,
    ...countParts(parts),
    batch: async (part, { rows }) => causalBatch(await parts[part].store.read(rows), { padId: tokenizer.padId, maxLength }),
    judge: () => classJudge(tokenizer.vocabSize),
    golden: () => [],
  };
}

function read(rows: CausalLanguageRows["rows"], run: TaskRun<CausalLanguageRows>): Promise<ExampleSet<unknown, CausalExample>> {
  const { task, tokenizer, maxLength } = run;
  const store = run.openStore<CausalExample>();
  if (task.packed !== true)
    return encodeExamples(rows, { ...run, store, encode: (row: CausalRow, place) => encodeCausal(row, { tokenizer, maxLength, place }) });
  const packed = packRows(rows, { size: maxLength, encode: (row) => encodeWhole(textOf(row), tokenizer) });
  return encodeExamples(packed, {
    ...run,
    store,
    encode: (ids) => ({
      example: { ids: Int32Array.from(ids), predicted: Uint8Array.from(ids, (_, index) => Number(index > 0)) },
      length: ids.length,
    }),
  });
}

function textOf(row: CausalRow): string {
  if (typeof row === "string") return row;
  if ("text" in row) return row.text;
  throw new GraftError("USAGE", "Cannot pack rows with a prompt or messages: the loss is on their answers alone", {
    hint: "Leave out --packed",
  });
}

function causalBatch(examples: readonly CausalExample[], { padId, maxLength }: { padId: number; maxLength: number }): ClassBatch {
  const feeds = padBatch(
    examples.map(({ ids }) => ({ ids: [...ids], typeIds: Array.from(ids, () => 0) })),
    { padId, rounded: true, maxLength },
  );
  const width = feeds.input_ids.dims[1] ?? 0;
  const positions: number[] = [];
  const labels: number[] = [];
  for (const [row, { ids, predicted }] of examples.entries()) {
    for (const [place, counts] of predicted.entries()) {
      if (counts === 0) continue;
      positions.push(row * width + place - 1);
      labels.push(ids[place] ?? 0);
    }
  }
  const weight = labels.length;
  while (labels.length % STEP !== 0) {
    positions.push(0);
    labels.push(IGNORED);
  }
  return {
    feeds: { ...feeds, [PREDICTING_POSITIONS]: intValue([positions.length], positions), [LABELS]: intValue([labels.length], labels) },
    tokens: examples.reduce((sum, { ids }) => sum + ids.length, 0),
    weight,
    labels,
  };
}
