import { GraftError } from "@graft/error";
import type { Prompt } from "@graft/sdk";
import { type CausalRow, collectRows, measure, type MetricName, questionOf, type Rows } from "@graft/train";
import { readRows } from "@graft/train/node";

/** A prompt, and the answers that are right where a file has them. */
export interface Asked {
  readonly prompt: Prompt;
  readonly references?: readonly string[];
}

/** The questions of a file with their answers; rows that ask the same are one question with several. DATA_INVALID for a row without. */
export async function readQuestions(file: string): Promise<Asked[]> {
  const { task } = await readRows({ task: "causal-language-modelling", data: file, split: "held" });
  const questions = new Map<string, { prompt: Prompt; references: string[] }>();
  for (const [index, row] of (await collectRows(task.rows as Rows<CausalRow>)).entries()) {
    const { prompt, answer } = questionOf(row);
    if (answer === undefined) {
      throw new GraftError("DATA_INVALID", `Cannot judge by row ${index + 1} of "${file}": it does not say what the answer is`, {
        hint: "Give rows with prompt and completion, or messages that end with the assistant's",
      });
    }
    const key = JSON.stringify(prompt);
    const known = questions.get(key);
    if (known === undefined) questions.set(key, { prompt, references: [answer] });
    else known.references.push(answer);
  }
  return [...questions.values()];
}

/** Metrics of texts against what they may be. USAGE when none of the metrics is one of texts. */
export function judgeTexts(
  names: readonly MetricName[],
  { asked, texts }: { readonly asked: readonly Asked[]; readonly texts: readonly string[] },
): Record<string, number> {
  const actual = asked.map(({ references = [] }) => references);
  const judged = measure(names, { outcome: { kind: "texts", predicted: texts.map((text) => text.trim()), actual } });
  if (Object.keys(judged).length > 0) return judged;
  throw new GraftError("USAGE", `Cannot judge texts by ${names.join(", ")}: none of them compares texts`, {
    hint: "Take bleu, nist, rouge-l, ter, cider or exact-match",
  });
}
