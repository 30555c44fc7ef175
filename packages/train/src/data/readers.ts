import { readCsv } from "./read-csv.ts";
import { readJsonl } from "./read-jsonl.ts";
import { readParquet } from "./read-parquet.ts";
import { readText } from "./read-text.ts";
import type { RecordReader } from "./record.ts";

/** Readers of files by extension. */
export const ROW_READERS: Readonly<Record<string, RecordReader>> = {
  ".jsonl": readJsonl,
  ".ndjson": readJsonl,
  ".csv": readCsv,
  ".tsv": (file) => readCsv(file, { delimiter: "\t" }),
  ".parquet": readParquet,
  ".txt": readText,
};
