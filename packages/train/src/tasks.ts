import { GraftError } from "@graft/error";
import type { DataRecord, ReadContext } from "./data/columns.ts";
import { isStream, type Rows } from "./data/rows.ts";
import type { Settings } from "./defaults.ts";
import { memoryStore } from "./examples.ts";
import type { TrainOptions } from "./options.ts";
import { longestRow } from "./room.ts";
import { causalLanguageModelling, type CausalLanguageRows } from "./tasks/causal-language-modelling.ts";
import { fedTo } from "./tasks/feeds.ts";
import { imageClassification, type ImageClassificationRows } from "./tasks/image-classification.ts";
import { maskedLanguageModelling, type MaskedLanguageRows } from "./tasks/masked-language-modelling.ts";
import type { Examination, Examiner } from "./tasks/examiner.ts";
import type { Task, TaskDefinition, TaskRun } from "./tasks/task.ts";
import { regression, type RegressionRows } from "./tasks/regression.ts";
import { sentenceEmbeddings, type SentenceEmbeddingRows } from "./tasks/sentence-embeddings.ts";
import { tensors, type TensorRows } from "./tasks/tensors.ts";
import { tokenClassification, type TokenClassificationRows } from "./tasks/token-classification.ts";
import { textClassification, type TextClassificationRows } from "./tasks/text-classification.ts";

/** What is learnt from which rows. */
export type TaskRows =
  | TextClassificationRows
  | RegressionRows
  | TokenClassificationRows
  | SentenceEmbeddingRows
  | ImageClassificationRows
  | CausalLanguageRows
  | TensorRows
  | MaskedLanguageRows;

/** Name of a task. */
export type TaskName = TaskRows["type"];

/** The rows of a task by its name. */
export type RowsOf<Name extends TaskName> = Extract<TaskRows, { readonly type: Name }>;

/** What any task may be asked beside its rows. */
export type TaskOptions = Pick<TextClassificationRows, "labels" | "multiLabel" | "threshold"> &
  Pick<SentenceEmbeddingRows, "scale" | "pooling"> &
  Pick<CausalLanguageRows, "packed"> &
  Pick<TensorRows, "objective" | "output">;

/** Every task by name. */
export const TASKS: { readonly [Name in TaskName]: TaskDefinition<RowsOf<Name>> } = {
  "text-classification": textClassification,
  regression,
  "token-classification": tokenClassification,
  "sentence-embeddings": sentenceEmbeddings,
  "image-classification": imageClassification,
  "causal-language-modelling": causalLanguageModelling,
  "masked-language-modelling": maskedLanguageModelling,
  tensors,
};

/** A task's definition without its row's type, for what treats all tasks alike. */
export interface AnyTask extends Omit<TaskDefinition<TaskRows>, "parse" | "examine"> {
  parse(record: DataRecord, context: ReadContext): unknown;
  examine(task: Examination): Examiner<unknown>;
}

/** The definition of a task. USAGE for one that nobody knows. */
export function taskNamed(name: string): AnyTask {
  if (Object.hasOwn(TASKS, name)) return TASKS[name as TaskName] as unknown as AnyTask;
  throw new GraftError("USAGE", `Cannot find the task "${name}": there is no such task`, {
    hint: `Tasks are ${Object.keys(TASKS).join(", ")}`,
  });
}

/** Encodes the rows of a run and sets its task up. DATA_EMPTY, DATA_INVALID, TOKENIZER_INVALID. */
export async function openTask(options: TrainOptions, settings: Settings): Promise<Task> {
  const { base, tokenizer, task, signal, skipBadRows = false, openStore = memoryStore } = options;
  const maxLength = longestRow(options, settings);
  const run: TaskRun<TaskRows> = {
    task,
    base,
    readFile: options.readFile ?? noFiles,
    maxLength,
    settings,
    openStore,
    skipBadRows,
    signal,
    get tokenizer() {
      return tokenizer ?? withoutTokenizer(base.name);
    },
  };
  const rows: Rows<unknown> = task.rows;
  checkNotEmpty(rows, Array.isArray(rows) ? rows.length : 1);
  const opened = await taskNamed(task.type).open(run);
  checkNotEmpty(rows, opened.lengths.train.length);
  const held: Rows<unknown> | undefined = task.evaluation;
  if (held !== undefined && isStream(held)) checkNotEmpty(held, opened.lengths.evaluation.length);
  return fedTo(base.model, opened);
}

function withoutTokenizer(base: string): never {
  throw new GraftError("TOKENIZER_INVALID", `Cannot train on "${base}": it has no tokenizer.json`, {
    hint: "Put the tokenizer.json of the base beside it, or take a task without texts",
  });
}

function checkNotEmpty(rows: Rows<unknown>, count: number): void {
  if (count > 0) return;
  throw new GraftError("DATA_EMPTY", `Cannot use ${isStream(rows) ? `"${rows.name}"` : "the data"}: it has no rows`, {
    hint: "Give at least one row",
  });
}

function noFiles(path: string): never {
  throw new GraftError("FILE_NOT_FOUND", `Cannot read "${path}": nothing that reads files was given`);
}
