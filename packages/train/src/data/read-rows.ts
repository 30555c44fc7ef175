import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { GraftError } from "@graft/error";
import { hashFile } from "@graft/digest/node";
import type { DataReference } from "@graft/format";
import type { TaskRows, TrainOptions } from "../options.ts";
import type { Columns } from "./columns.ts";
import type { LabelledRow } from "./labelled-row.ts";
import { readCsv } from "./read-csv.ts";
import { readJsonl } from "./read-jsonl.ts";
import { readLines } from "./read-lines.ts";
import type { TextRow } from "./text-row.ts";

/** Which rows to read for which task. */
export interface RowSource {
  readonly task: TaskRows["type"];
  readonly data: string | readonly TextRow[];
  readonly evaluation?: string | readonly TextRow[] | undefined;
  readonly columns?: Columns | undefined;
}

/** Readers of labelled files, by extension. */
export const ROW_READERS: Readonly<
  Record<string, (chunks: AsyncIterable<Uint8Array>, options: { file: string; columns?: Columns }) => AsyncIterable<LabelledRow>>
> = {
  ".jsonl": readJsonl,
  ".ndjson": readJsonl,
  ".csv": readCsv,
  ".tsv": (chunks, options) => readCsv(chunks, { ...options, delimiter: "\t" }),
};

/** Reads the rows of a run and takes the digests of their files. FILE_NOT_FOUND, DATA_EMPTY, DATA_INVALID. */
export async function readRows({ task, data, evaluation, columns = {} }: RowSource): Promise<Pick<TrainOptions, "task" | "data">> {
  const references = await Promise.all([reference(data), reference(evaluation)]);
  const counted = (digest: DataReference["digest"] | undefined, rows: number): DataReference | undefined =>
    digest === undefined ? undefined : { digest, rows };
  const read = async <T>(reader: (file: string) => Promise<T[]>): Promise<{ rows: T[]; evaluation?: T[] }> => ({
    rows: await nonEmpty(data, reader),
    ...(evaluation === undefined ? {} : { evaluation: await nonEmpty(evaluation, reader) }),
  });
  const rows: TaskRows =
    task === "text-classification"
      ? { type: task, ...(await read((file) => readLabelled(file, columns))) }
      : { type: task, ...(await read<TextRow>(readText)) };
  const [own, held] = [counted(references[0], rows.rows.length), counted(references[1], rows.evaluation?.length ?? 0)];
  return { task: rows, ...(own === undefined ? {} : { data: { rows: own, ...(held === undefined ? {} : { evaluation: held }) } }) };
}

async function nonEmpty<T>(source: string | readonly TextRow[], read: (file: string) => Promise<T[]>): Promise<T[]> {
  // Rows in memory are lines of text.
  const rows = typeof source === "string" ? await read(source) : ([...source] as T[]);
  if (rows.length > 0) return rows;
  const name = typeof source === "string" ? `"${source}"` : "the data";
  throw new GraftError("DATA_EMPTY", `Cannot use ${name}: it has no rows`, { hint: "Give a file with at least one row" });
}

async function readLabelled(file: string, columns: Columns): Promise<LabelledRow[]> {
  const extension = extname(file).toLowerCase();
  const reader = ROW_READERS[extension];
  if (reader === undefined)
    throw new GraftError("USAGE", `Cannot read "${file}": labelled rows come from ${Object.keys(ROW_READERS).join(", ")} files`, {
      hint: "Give the file the extension of its format",
    });
  const rows: LabelledRow[] = [];
  for await (const row of reader(createReadStream(file), { file, columns })) rows.push(row);
  return rows;
}

async function readText(file: string): Promise<TextRow[]> {
  const rows: TextRow[] = [];
  for await (const { text } of readLines(createReadStream(file), file)) if (text.trim() !== "") rows.push(text);
  return rows;
}

async function reference(source: string | readonly TextRow[] | undefined): Promise<DataReference["digest"] | undefined> {
  return typeof source === "string" ? (await hashFile(source)).digest : undefined;
}
