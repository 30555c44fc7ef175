import type { ArgsDef } from "citty";
import { METRICS, TASKS, type TaskName } from "@graft/train";
import type { TrainFileOptions } from "@graft/train/node";
import { numberArgument } from "../command.ts";
import { metricsArgument } from "../metrics-argument.ts";
import { listArgument } from "./list-argument.ts";
import { present } from "./present.ts";

/** Options of what is learnt. */
export const TASK_ARGS = {
  task: { type: "enum", description: "What is learnt", options: Object.keys(TASKS), default: "text-classification" },
  labels: { type: "string", description: "Labels in the order of the outputs; those of the rows when left out", valueHint: "list" },
  "multi-label": { type: "boolean", description: "Decide each label apart: a row may have several, or none" },
  threshold: {
    type: "string",
    description: "Probability from which one of several labels is given; 0.5 when left out",
    valueHint: "number",
  },
  scale: { type: "string", description: "What cosines of embeddings are multiplied with; 20 when left out", valueHint: "number" },
  pooling: { type: "enum", description: "How positions become an embedding; the mean when left out", options: ["cls", "mean", "last"] },
  packed: { type: "boolean", description: "Texts one after the other in rows of the longest length, without padding" },
  metrics: { type: "string", description: `What to judge by: ${Object.keys(METRICS).join(", ")}`, valueHint: "list" },
} as const satisfies ArgsDef;

/** What TASK_ARGS parse to. */
export interface TaskArguments {
  readonly task: string;
  readonly labels?: string | undefined;
  readonly "multi-label"?: boolean | undefined;
  readonly threshold?: string | undefined;
  readonly scale?: string | undefined;
  readonly pooling?: string | undefined;
  readonly packed?: boolean | undefined;
  readonly metrics?: string | undefined;
}

/** The task as training takes it; USAGE. */
export function taskOptions(args: TaskArguments): Pick<TrainFileOptions, "task" | "taskOptions" | "metrics"> {
  const metrics = metricsArgument(args.metrics);
  return {
    task: args.task as TaskName,
    taskOptions: present({
      labels: args.labels === undefined ? undefined : listArgument(args.labels),
      multiLabel: args["multi-label"],
      threshold: numberArgument(args.threshold, "threshold", { least: 0 }),
      scale: numberArgument(args.scale, "scale", { least: 0 }),
      packed: args.packed,
      pooling: args.pooling as "cls" | "mean" | "last" | undefined,
    }),
    ...(metrics === undefined ? {} : { metrics }),
  };
}
