import { type Golden, LIMITS } from "@graft/format";
import type { Finished } from "./make-result.ts";

/** Rows whose outputs are kept. */
const CASES = 4;
/** Other machines, thread counts and a merge round differently; a wrong weight is far outside. */
const TOLERANCE = 1e-3;

/** The outputs of a few rows right after training, so that others can see that theirs are the same. */
export async function makeGolden({ options, task, evaluator, final }: Finished): Promise<Golden | undefined> {
  const { task: data } = options;
  if (data.type !== "text-classification") return undefined;
  const part = (data.evaluation ?? []).length > 0 ? "evaluation" : "train";
  const rows = (part === "train" ? data.rows : (data.evaluation ?? [])).map((row, index) => ({ ...row, index }));
  const short = rows.filter(({ text, pair = "" }) => text.length + pair.length <= LIMITS.goldenCharacters).slice(0, CASES);
  const cases: Golden["cases"] = [];
  for (const { text, pair, index } of short) {
    const { feeds } = task.batch(part, { rows: [index], pass: "golden" });
    const [outputs = []] = await evaluator.logits(final.weights, feeds);
    if (outputs.length <= LIMITS.goldenOutputs) cases.push({ inputs: { text, ...(pair === undefined ? {} : { pair }) }, outputs });
  }
  return cases.length === 0 ? undefined : { tolerance: TOLERANCE, cases };
}
