import { GraftError } from "@graft/error";
import { closest } from "@graft/methods";
import { METRICS, type MetricName } from "@graft/train";
import { listArgument } from "./train/list-argument.ts";

/** Names of metrics; USAGE for one that there is not. */
export function metricsArgument(value: string | undefined): MetricName[] | undefined {
  if (value === undefined) return undefined;
  const names = listArgument(value);
  const known = Object.keys(METRICS);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names as MetricName[];
  const [near] = closest(unknown, known);
  throw new GraftError("USAGE", `Cannot judge by "${unknown}": there is no such metric`, {
    hint: `${near === undefined ? "" : `Did you mean "${near}"? `}Metrics are ${known.join(", ")}`,
  });
}
