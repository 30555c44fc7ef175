import { GraftError } from "@graft/error";
import type { LabelledRow } from "./labelled-row.ts";

/** Names of the columns of a labelled file. */
export interface Columns {
  readonly text?: string;
  /** The second text, for tasks on pairs. */
  readonly pair?: string;
  readonly label?: string;
}

/** Where a row stands, for messages. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** Takes text and label out of a row. DATA_INVALID with file and line when one is missing. */
export function labelledRow(record: Readonly<Record<string, unknown>>, columns: Columns, place: Place): LabelledRow {
  const { text = "text", pair, label = "label" } = columns;
  return {
    text: field(record, text, place),
    ...(pair === undefined ? {} : { pair: field(record, pair, place) }),
    label: field(record, label, place),
  };
}

function field(record: Readonly<Record<string, unknown>>, name: string, place: Place): string {
  const value = Object.hasOwn(record, name) ? record[name] : undefined;
  if (typeof value === "string" && value.trim() !== "") return value;
  // Labels are often numbers or booleans.
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const found = Object.keys(record)
    .slice(0, 8)
    .map((key) => `"${key}"`)
    .join(", ");
  const why =
    value === undefined || value === null
      ? `it has no "${name}"`
      : typeof value === "string"
        ? `its "${name}" is empty`
        : `its "${name}" is no text`;
  throw brokenRow(
    place,
    `${why}${value === undefined ? `, only ${found === "" ? "nothing" : found}` : ""}`,
    `Every row needs "${name}"; other column names can be given`,
  );
}

/** A row that cannot be used. DATA_INVALID. */
export function brokenRow({ file, line }: Place, why: string, hint?: string): GraftError {
  return new GraftError("DATA_INVALID", `Cannot use line ${line} of "${file}": ${why}`, {
    detail: { file, line },
    ...(hint === undefined ? {} : { hint }),
  });
}
