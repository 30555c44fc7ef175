import type { ArgsDef } from "citty";
import type { TrainFileOptions } from "@graft/train/node";
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

/** Files and columns as training takes them. */
export function dataOptions(
  args: DataArguments,
): Pick<TrainFileOptions, "data" | "evaluation" | "columns" | "labelSeparator" | "skipBadRows"> {
  return {
    data: args.data,
    ...(args.eval === undefined ? {} : { evaluation: args.eval }),
    ...columnOptions(args),
    skipBadRows: args["skip-bad-rows"] === true,
  };
}
