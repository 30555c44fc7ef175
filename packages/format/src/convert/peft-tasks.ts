import { unsupported } from "./import-error.ts";

/** PEFT's names of tasks by Graft's; a task that is not here gets none, which PEFT reads too. */
const PEFT_TASKS: Readonly<Record<string, string>> = {
  "text-classification": "SEQ_CLS",
  regression: "SEQ_CLS",
  "token-classification": "TOKEN_CLS",
  "question-answering": "QUESTION_ANS",
  "feature-extraction": "FEATURE_EXTRACTION",
  "causal-language-modelling": "CAUSAL_LM",
  "sentence-embeddings": "FEATURE_EXTRACTION",
};

/** PEFT's name of a task. */
export function peftTask(task: string): string | null {
  return PEFT_TASKS[task] ?? null;
}

/** Graft's name of a task of PEFT; `outputs` are those of the head, where there is one. CONVERT_UNSUPPORTED. */
export function taskOfPeft(type: string | null | undefined, outputs: number | undefined): string {
  if (type == null) return outputs === undefined ? "feature-extraction" : "text-classification";
  if (type === "SEQ_CLS") return outputs === 1 ? "regression" : "text-classification";
  const found = Object.entries(PEFT_TASKS).find(([, name]) => name === type)?.[0];
  if (found === undefined) throw unsupported(`its task_type is "${type}", which Graft does not have`);
  return found;
}
