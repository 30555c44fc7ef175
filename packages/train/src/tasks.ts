import { GraftError } from "@graft/error";
import type { Settings } from "./defaults.ts";
import { type Encoded, encodeRows } from "./encode-rows.ts";
import type { Tokenizer } from "@graft/runtime";
import type { TextRow } from "./data/text-row.ts";
import type { TrainOptions } from "./options.ts";
import { maskedLanguageModelling } from "./tasks/masked-language-modelling.ts";
import type { Task } from "./tasks/task.ts";
import { textClassification } from "./tasks/text-classification.ts";

/** Tokenises the rows of a run and sets its task up. DATA_EMPTY, DATA_INVALID, TOKENIZER_INVALID. */
export async function openTask(options: TrainOptions, settings: Settings): Promise<Task> {
  const { base, tokenizer, task, signal } = options;
  if (task.rows.length === 0) throw new GraftError("DATA_EMPTY", "Cannot train: the data has no rows", { hint: "Give at least one row" });
  const maxLength = Math.min(settings.maxLength, base.maxLength, tokenizer.maxLength ?? Number.POSITIVE_INFINITY);
  const encode = (rows: readonly (string | { readonly text: string; readonly pair?: string })[]): Promise<Encoded> =>
    encodeRows(
      rows.map((row) => (typeof row === "string" ? { text: row } : row)),
      { tokenizer, maxLength, signal },
    );
  const rows = { train: await encode(task.rows), evaluation: await encode(task.evaluation ?? []) };
  const common = { rows, padId: tokenizer.padId, maxLength };
  if (task.type === "text-classification")
    return textClassification({ ...common, labelled: { train: task.rows, evaluation: task.evaluation ?? [] } });
  const maskId = tokenizer.special.mask;
  if (maskId === undefined)
    throw new GraftError("TOKENIZER_INVALID", "Cannot hide tokens: the tokenizer has no mask token", {
      hint: "Take a base that was made for masked-language modelling",
    });
  const firstTokens = {
    train: task.rows.map((row) => firstToken(row, tokenizer)),
    evaluation: (task.evaluation ?? []).map((row) => firstToken(row, tokenizer)),
  };
  return maskedLanguageModelling({
    ...common,
    firstTokens,
    vocabulary: { maskId, size: tokenizer.vocabSize, specialIds: tokenizer.specialIds },
    maskRate: settings.maskRate,
    seed: settings.seed,
  });
}

/** What the first position of a row predicts; undefined where the row has no word. */
function firstToken(row: TextRow, tokenizer: Tokenizer): number | undefined {
  if (typeof row === "string" || row.word === undefined) return undefined;
  return tokenizer.encode(row.word).ids.find((id) => !tokenizer.specialIds.has(id));
}
