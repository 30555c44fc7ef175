import { type GlueLayout, glueRecord } from "./glue.ts";
import { readCsv } from "./read-csv.ts";
import { readLines } from "./read-lines.ts";
import type { DataFile, PlacedRecord, RecordReader } from "./record.ts";

/** Records of a file of GLUE, with a header or without, under `text`, `pair`, `label` and `score`. */
export function readGlue(layout: GlueLayout): RecordReader {
  return async function* read(file: DataFile): AsyncGenerator<PlacedRecord> {
    const header = await hasHeader(file, layout);
    const records = readCsv(file, { delimiter: "\t", quotes: false, ...(header ? {} : { columns: layout.columns }) });
    for await (const placed of records) yield "record" in placed ? { ...placed, record: glueRecord(placed.record, layout) } : placed;
  };
}

async function hasHeader(file: DataFile, { roles }: GlueLayout): Promise<boolean> {
  for await (const { text } of readLines(file.chunks(), file.name)) {
    const names = new Set(text.split("\t"));
    // A test file has no column of labels.
    return Object.entries(roles).every(([role, name]) => role === "label" || role === "score" || names.has(name));
  }
  return true;
}
