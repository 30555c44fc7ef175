import type { ArgsDef } from "citty";
import { glueTask, type TrainFileOptions } from "@graft/train/node";
import { COLUMN_ARGS, type ColumnArguments, columnOptions } from "../data-columns.ts";

/** Options of the rows to learn from. */
export const DATA_ARGS = {
  data: {
    type: "string",
    description: "Rows to learn from: JSONL, CSV, TSV or Parquet; a file, several, a glob, or a folder of GLUE",
    required: true,
    valueHint: "file",
  },
  eval: { type: "string", description: "Rows to judge by after each epoch", valueHint: "file" },
  "skip-bad-rows": { type: "boolean", description: "Leave out rows that cannot be used, and say how many" },
  ...COLUMN_ARGS,
} as const satisfies ArgsDef;

/** What DATA_ARGS parse to. */
export interface DataArguments extends ColumnArguments {
  readonly data: string;
  readonly eval?: string | undefined;
  readonly "skip-bad-rows"?: boolean | undefined;
}

/** Files and columns as training takes them. A folder of GLUE is judged by its own rows held out, where no others are given. */
export async function dataOptions(
  args: DataArguments,
): Promise<Pick<TrainFileOptions, "data" | "evaluation" | "columns" | "labelSeparator" | "skipBadRows">> {
  const evaluation = args.eval ?? ((await glueTask(args.data)) === undefined ? undefined : args.data);
  return {
    data: args.data,
    ...(evaluation === undefined ? {} : { evaluation }),
    ...columnOptions(args),
    skipBadRows: args["skip-bad-rows"] === true,
  };
}
