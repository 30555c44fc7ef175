import { GraftError } from "@graft/error";
import { closest } from "@graft/methods";
import type { Place } from "./rows.ts";

/** What a column of the data may be for. Its name in the file is the same word where no other is given. */
export type ColumnRole =
  | "text"
  | "pair"
  | "label"
  | "word"
  | "score"
  | "negative"
  | "words"
  | "tags"
  | "image"
  | "prompt"
  | "completion"
  | "messages"
  | "tools"
  | "inputs"
  | "target";

/** Names of columns by what they are for. */
export type Columns = Readonly<Partial<Record<ColumnRole, string>>>;

/** A row as a file has it: values by the name of the column. */
export type DataRecord = Readonly<Record<string, unknown>>;

/** A row as a file has it, and where a task finds its columns in it. */
export interface ReadContext {
  readonly columns: Columns;
  readonly place: Place;
  /** What stands between the labels of a row that may have several. */
  readonly labelSeparator?: string | undefined;
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

/** The second text where there is one: where the column is named, every row must have it. */
export function pairOf(record: DataRecord, context: ReadContext): { readonly pair?: string } {
  const paired = context.columns.pair !== undefined || hasField(record, "pair", context.columns);
  return paired ? { pair: textField(record, "pair", context) } : {};
}

/** A label, or a list of them where the file has lists. */
export function labelsField(record: DataRecord, context: ReadContext): string | readonly string[] {
  const value = record[context.columns.label ?? "label"];
  if (Array.isArray(value)) return value.map((label) => String(label));
  const label = textField(record, "label", context);
  const { labelSeparator } = context;
  if (labelSeparator === undefined) return label;
  return label
    .split(labelSeparator)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Numbers: one, a list of them, or those of several columns, named with commas. DATA_INVALID for what is no finite number. */
export function numbersField(record: DataRecord, role: ColumnRole, context: ReadContext): readonly number[] {
  const name = context.columns[role] ?? role;
  const names = Object.hasOwn(record, name) ? [name] : name.split(",").map((part) => part.trim());
  return names.flatMap((column) => {
    const value = record[column];
    const list: readonly unknown[] =
      Array.isArray(value) && value.length > 0 ? value : [textField(record, role, { ...context, columns: { [role]: column } })];
    return list.map((one) => {
      const number = typeof one === "string" && one.trim() === "" ? Number.NaN : Number(one);
      if (Number.isFinite(number)) return number;
      throw brokenRow(context.place, `its "${column}" is no number but ${JSON.stringify(String(one).slice(0, 40))}`);
    });
  });
}

/** A list of texts: a list in the file, or a text that blanks separate. */
export function listField(record: DataRecord, role: ColumnRole, context: ReadContext): readonly string[] {
  const value = record[context.columns[role] ?? role];
  if (Array.isArray(value) && value.length > 0) return value.map((one) => String(one));
  return textField(record, role, context).trim().split(/\s+/);
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
  // Rows of Parquet have numbers, and stand on no line.
  const unit = file === undefined || file.endsWith(".parquet") ? "row" : "line";
  const where = `${unit} ${line}${file === undefined ? "" : ` of "${file}"`}`;
  return new GraftError("DATA_INVALID", `Cannot use ${where}: ${why}`, {
    detail: { ...(file === undefined ? {} : { file }), line },
    ...(hint === undefined ? {} : { hint }),
  });
}
