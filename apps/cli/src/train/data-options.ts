import type { ArgsDef } from "citty";
import type { TrainFileOptions } from "@graft/train/node";

/** Options of the rows to learn from. */
export const DATA_ARGS = {
  data: { type: "string", description: "Rows to learn from: JSONL or CSV with text and label", required: true, valueHint: "file" },
  eval: { type: "string", description: "Rows to judge by after each epoch", valueHint: "file" },
  text: { type: "string", description: "Name of the text column", default: "text", valueHint: "column" },
  pair: { type: "string", description: "Name of the column of the second text, if there is one", valueHint: "column" },
  label: { type: "string", description: "Name of the label column", default: "label", valueHint: "column" },
} as const satisfies ArgsDef;

/** What DATA_ARGS parse to. */
export interface DataArguments {
  readonly data: string;
  readonly eval?: string | undefined;
  readonly text: string;
  readonly pair?: string | undefined;
  readonly label: string;
}

/** Files and columns as training takes them. */
export function dataOptions(args: DataArguments): Pick<TrainFileOptions, "data" | "evaluation" | "columns"> {
  return {
    data: args.data,
    ...(args.eval === undefined ? {} : { evaluation: args.eval }),
    columns: { text: args.text, label: args.label, ...(args.pair === undefined ? {} : { pair: args.pair }) },
  };
}
