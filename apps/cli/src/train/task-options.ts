import type { ArgsDef } from "citty";
import { TASKS } from "@graft/train";
import type { TrainFileOptions } from "@graft/train/node";

/** Options of what is learnt. */
export const TASK_ARGS = {
  task: {
    type: "enum",
    description: "What is learnt",
    options: Object.keys(TASKS),
    default: "text-classification",
  },
} as const satisfies ArgsDef;

/** What TASK_ARGS parse to. */
export interface TaskArguments {
  readonly task: string;
}

/** The task as training takes it. */
export function taskOptions(args: TaskArguments): Pick<TrainFileOptions, "task"> {
  return { task: args.task as TrainFileOptions["task"] };
}
