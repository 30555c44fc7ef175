import { accuracy } from "./metrics/accuracy.ts";
import { bleu } from "./metrics/bleu.ts";
import { cider } from "./metrics/cider.ts";
import { meanSquaredError, pearson, spearman } from "./metrics/correlation.ts";
import { exactMatch } from "./metrics/exact-match.ts";
import { f1Binary, f1Macro, f1Micro } from "./metrics/f1.ts";
import { matthews } from "./metrics/matthews.ts";
import type { Metric, Outcome } from "./metrics/metric.ts";
import { nist } from "./metrics/nist.ts";
import { perplexity } from "./metrics/perplexity.ts";
import { rougeL } from "./metrics/rouge-l.ts";
import { ter } from "./metrics/ter.ts";

export type { Metric, Outcome, OutcomeOf } from "./metrics/metric.ts";

/** Every metric by name. */
export const METRICS = {
  // Classes, one or several a row.
  accuracy,
  f1: f1Macro,
  "f1-micro": f1Micro,
  "f1-binary": f1Binary,
  matthews,
  "exact-match": exactMatch,
  // Numbers.
  pearson,
  spearman,
  mse: meanSquaredError,
  // Tokens.
  perplexity,
  // Texts, each beside those that it may be.
  bleu,
  nist,
  "rouge-l": rougeL,
  ter,
  cider,
} as const satisfies Record<string, Metric>;

/** Name of a metric. */
export type MetricName = keyof typeof METRICS;

/** The metrics that are named and that mean something for the outcome, by name. */
export function measure(
  names: readonly MetricName[],
  { outcome, loss }: { outcome: Outcome; loss?: number | undefined },
): Record<string, number> {
  const entries = names.flatMap((name): [string, number][] => {
    const value = valueOf(METRICS[name], { outcome, loss });
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(entries);
}

/** Whether a metric says something of such an outcome. */
export function isMeaningful(name: MetricName, kind: Outcome["kind"]): boolean {
  const metric: Metric = METRICS[name];
  return metric.loss !== undefined || metric[kind] !== undefined;
}

function valueOf(metric: Metric, { outcome, loss }: { outcome: Outcome; loss?: number | undefined }): number | undefined {
  if (metric.loss !== undefined) return loss === undefined ? undefined : metric.loss(loss);
  if (outcome.kind === "classes") return metric.classes?.(outcome);
  if (outcome.kind === "sets") return metric.sets?.(outcome);
  if (outcome.kind === "numbers") return metric.numbers?.(outcome);
  return metric.texts?.(outcome);
}
