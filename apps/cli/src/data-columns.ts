import type { ArgsDef } from "citty";
import type { ColumnRole, Columns } from "@graft/train";

/** Options that name the columns of a file, where they are not called what they are for. */
export const COLUMN_ARGS = {
  text: { type: "string", description: "Name of the text column", default: "text", valueHint: "column" },
  pair: { type: "string", description: "Name of the column of the second text, if there is one", valueHint: "column" },
  label: { type: "string", description: "Name of the label column", default: "label", valueHint: "column" },
  score: { type: "string", description: "Name of the column of numbers; several, with commas", valueHint: "column" },
  negative: { type: "string", description: "Name of the column of a text that means something else", valueHint: "column" },
  words: { type: "string", description: "Name of the column of words", valueHint: "column" },
  tags: { type: "string", description: "Name of the column of the words' labels", valueHint: "column" },
  prompt: { type: "string", description: "Name of the column of what comes before a completion", valueHint: "column" },
  completion: { type: "string", description: "Name of the column of what is to be said after the prompt", valueHint: "column" },
  messages: { type: "string", description: "Name of the column of conversations", valueHint: "column" },
  image: { type: "string", description: "Name of the column of images: paths, base64 or bytes", valueHint: "column" },
  "label-separator": { type: "string", description: "What stands between several labels of one row", valueHint: "text" },
} as const satisfies ArgsDef;

/** What COLUMN_ARGS parse to. */
export type ColumnArguments = { readonly [Name in keyof typeof COLUMN_ARGS]?: string | undefined };

/** Names of columns as training takes them. */
export function columnOptions(args: ColumnArguments): { readonly columns: Columns; readonly labelSeparator?: string } {
  const { "label-separator": _, ...roles } = COLUMN_ARGS;
  const named = Object.keys(roles).flatMap((role) => {
    const name = args[role as ColumnRole & keyof ColumnArguments];
    return name === undefined ? [] : [[role, name] as const];
  });
  const separator = args["label-separator"];
  return { columns: Object.fromEntries(named), ...(separator === undefined ? {} : { labelSeparator: separator }) };
}
