import { GraftError } from "@graft/error";
import type { DataRecord, ReadContext } from "./data/columns.ts";
import { isStream, type Rows } from "./data/rows.ts";
import type { Settings } from "./defaults.ts";
import { memoryStore } from "./examples.ts";
import type { TrainOptions } from "./options.ts";
import { fedTo } from "./tasks/feeds.ts";
import { maskedLanguageModelling, type MaskedLanguageRows } from "./tasks/masked-language-modelling.ts";
import type { Task, TaskDefinition, TaskRun } from "./tasks/task.ts";
import { textClassification, type TextClassificationRows } from "./tasks/text-classification.ts";

/** What is learnt from which rows. */
export type TaskRows = TextClassificationRows | MaskedLanguageRows;

/** Name of a task. */
export type TaskName = TaskRows["type"];

/** The rows of a task by its name. */
export type RowsOf<Name extends TaskName> = Extract<TaskRows, { readonly type: Name }>;

/** Every task by name. */
export const TASKS: { readonly [Name in TaskName]: TaskDefinition<RowsOf<Name>> } = {
  "text-classification": textClassification,
  "masked-language-modelling": maskedLanguageModelling,
};

/** A task's definition without its row's type, for what treats all tasks alike. */
export interface AnyTask extends Omit<TaskDefinition<TaskRows>, "parse"> {
  parse(record: DataRecord, context: ReadContext): unknown;
}

/** The definition of a task. */
export function taskNamed(name: TaskName): AnyTask {
  return TASKS[name] as unknown as AnyTask;
}

/** Encodes the rows of a run and sets its task up. DATA_EMPTY, DATA_INVALID, TOKENIZER_INVALID. */
export async function openTask(options: TrainOptions, settings: Settings): Promise<Task> {
  const { base, tokenizer, task, signal, skipBadRows = false, openStore = memoryStore } = options;
  const maxLength = Math.min(settings.maxLength, base.maxLength, tokenizer.maxLength ?? Number.POSITIVE_INFINITY);
  const run: TaskRun<TaskRows> = { task, tokenizer, maxLength, settings, openStore, skipBadRows, signal };
  const rows: Rows<unknown> = task.rows;
  checkNotEmpty(rows, Array.isArray(rows) ? rows.length : 1);
  const opened = await taskNamed(task.type).open(run);
  checkNotEmpty(rows, opened.lengths.train.length);
  const held: Rows<unknown> | undefined = task.evaluation;
  if (held !== undefined && isStream(held)) checkNotEmpty(held, opened.lengths.evaluation.length);
  return fedTo(base.model, opened);
}

function checkNotEmpty(rows: Rows<unknown>, count: number): void {
  if (count > 0) return;
  throw new GraftError("DATA_EMPTY", `Cannot use ${isStream(rows) ? `"${rows.name}"` : "the data"}: it has no rows`, {
    hint: "Give at least one row",
  });
}
