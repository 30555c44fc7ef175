import type { Sample } from "./events.ts";
import type { Finished } from "./make-result.ts";
import type { Outcome } from "./metrics/metric.ts";

/** What the result makes of a few rows, those held out where there are any. Tasks whose rows are no short texts give none. */
export async function makeSamples({ run, final }: Finished): Promise<readonly Sample[]> {
  const { task, evaluator, options } = run;
  const wanted = options.samples ?? 0;
  if (wanted === 0) return [];
  const part = task.lengths.evaluation.length > 0 ? "evaluation" : "train";
  const samples: Sample[] = [];
  for (const { inputs, row } of task.golden(part).slice(0, wanted)) {
    if (!("text" in inputs)) continue;
    const batch = await task.batch(part, { rows: [row], pass: "golden" });
    const said = spoken(await evaluator.outcome(final.weights, batch), task.labels);
    const input = inputs.pair === undefined ? inputs.text : `${inputs.text} | ${inputs.pair}`;
    if (said !== undefined) samples.push({ input, ...said });
  }
  return samples;
}

/** The outcome of one row in words; undefined where it has none of its own. */
function spoken(outcome: Outcome, labels: readonly string[]): Omit<Sample, "input"> | undefined {
  const name = (number: number): string => labels[number] ?? String(number);
  if (outcome.kind === "classes")
    return outcome.actual.length === 0
      ? undefined
      : { predicted: outcome.predicted.map(name).join(" "), actual: outcome.actual.map(name).join(" ") };
  if (outcome.kind === "sets") {
    const list = (set: readonly number[] = []): string => set.map(name).join(", ") || "none";
    return { predicted: list(outcome.predicted[0]), actual: list(outcome.actual[0]) };
  }
  if (outcome.kind === "numbers") {
    const list = (numbers: readonly number[] = []): string => numbers.map((value) => value.toPrecision(4)).join(", ");
    return { predicted: list(outcome.predicted[0]), actual: list(outcome.actual[0]) };
  }
  return outcome.kind === "texts" ? { predicted: outcome.predicted[0] ?? "", actual: outcome.actual[0]?.join(" | ") ?? "" } : undefined;
}
