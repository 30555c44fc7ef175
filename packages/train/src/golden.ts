import { type Golden, LIMITS } from "@graft/format";
import type { Finished } from "./make-result.ts";

/** Rows whose outputs are kept. */
const CASES = 4;
/** Other machines, thread counts and a merge round differently; a wrong weight is far outside. */
const TOLERANCE = 1e-3;

/** The outputs of a few rows right after training, so that others can see that theirs are the same. */
export async function makeGolden({ run, final }: Finished): Promise<Golden | undefined> {
  const { task, evaluator } = run;
  const part = task.lengths.evaluation.length > 0 ? "evaluation" : "train";
  const cases: Golden["cases"] = [];
  for (const { inputs, row } of task.golden(part).slice(0, CASES)) {
    const { feeds } = await task.batch(part, { rows: [row], pass: "golden" });
    const [outputs = []] = await evaluator.logits(final.weights, feeds);
    // The first of them say enough.
    cases.push({ inputs, outputs: outputs.slice(0, LIMITS.goldenOutputs) });
  }
  return cases.length === 0 ? undefined : { tolerance: TOLERANCE, cases };
}
