import { GraftError } from "@graft/error";
import { closest } from "@graft/methods";
import type { Place } from "./rows.ts";

/** What a column of the data may be for. Its name in the file is the same word where no other is given. */
export type ColumnRole = "text" | "pair" | "label" | "word";

/** Names of columns by what they are for. */
export type Columns = Readonly<Partial<Record<ColumnRole, string>>>;

/** A row as a file has it: values by the name of the column. */
export type DataRecord = Readonly<Record<string, unknown>>;

/** A row as a file has it, and where a task finds its columns in it. */
export interface ReadContext {
  readonly columns: Columns;
  readonly place: Place;
}

/** A column's text; numbers and booleans are texts too. DATA_INVALID with file and line when it is missing or empty. */
export function textField(record: DataRecord, role: ColumnRole, { columns, place }: ReadContext): string {
  const name = columns[role] ?? role;
  const value = Object.hasOwn(record, name) ? record[name] : undefined;
  if (typeof value === "string" && value.trim() !== "") return value;
  // Labels are often numbers or booleans.
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  throw missingField(record, { name, role, place });
}

/** Whether a record has a column with something in it. */
export function hasField(record: DataRecord, role: ColumnRole, columns: Columns): boolean {
  const name = columns[role] ?? role;
  const value = Object.hasOwn(record, name) ? record[name] : undefined;
  return value !== undefined && value !== null && value !== "";
}

function missingField(record: DataRecord, { name, role, place }: { name: string; role: ColumnRole; place: Place }): GraftError {
  const value = record[name];
  const found = Object.keys(record);
  const why =
    value === undefined || value === null
      ? `it has no "${name}"`
      : typeof value === "string"
        ? `its "${name}" is empty`
        : `its "${name}" is no text`;
  const [near] = closest(name, found);
  const listed = found
    .slice(0, 8)
    .map((key) => `"${key}"`)
    .join(", ");
  return brokenRow(
    place,
    `${why}${value === undefined ? `, only ${listed === "" ? "nothing" : listed}` : ""}`,
    value === undefined && near !== undefined
      ? `Did you mean "${near}"? Say so with --${role} ${near}`
      : `Every row needs "${name}"; other column names can be given`,
  );
}

/** A row that cannot be used. DATA_INVALID. */
export function brokenRow({ file, line }: Place, why: string, hint?: string): GraftError {
  const where = file === undefined ? `row ${line}` : `line ${line} of "${file}"`;
  return new GraftError("DATA_INVALID", `Cannot use ${where}: ${why}`, {
    detail: { ...(file === undefined ? {} : { file }), line },
    ...(hint === undefined ? {} : { hint }),
  });
}
