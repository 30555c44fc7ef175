import { GraftError } from "@graft/error";
import { type FileMetaData, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import type { DataRecord } from "./columns.ts";
import type { DataFile, PlacedRecord } from "./record.ts";

/** Records of a Parquet file, a row group in memory at a time. DATA_INVALID for a file that is cut short or no Parquet file. */
export async function* readParquet(file: DataFile): AsyncGenerator<PlacedRecord> {
  const source = { byteLength: file.size, slice: (begin: number, end: number = file.size) => file.slice(begin, end) };
  const metadata = await guarded(file, () => parquetMetadataAsync(source));
  let row = 0;
  for (const group of metadata.row_groups) {
    const end = row + Number(group.num_rows);
    checkWithin(file, group);
    const records: DataRecord[] = await guarded(file, () =>
      parquetReadObjects({ file: source, metadata, compressors, rowStart: row, rowEnd: end }),
    );
    for (const record of records) yield { place: { file: file.name, line: ++row }, record: plain(record) };
  }
}

/** A row group whose bytes lie outside the file would be read as garbage. */
function checkWithin(file: DataFile, group: FileMetaData["row_groups"][number]): void {
  for (const { meta_data: column } of group.columns) {
    if (column === undefined) continue;
    const begin = Number(column.dictionary_page_offset ?? column.data_page_offset);
    if (begin >= 0 && begin + Number(column.total_compressed_size) <= file.size) continue;
    throw invalid(file, `its column "${column.path_in_schema.join(".")}" ends behind the file's ${file.size} bytes`);
  }
}

async function guarded<T>(file: DataFile, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof GraftError) throw cause;
    throw invalid(file, "it is cut short, damaged, or no Parquet file", cause);
  }
}

function invalid(file: DataFile, why: string, cause?: unknown): GraftError {
  return new GraftError("DATA_INVALID", `Cannot read "${file.name}": ${why}`, {
    cause,
    hint: "Write or download the file again",
    detail: { file: file.name },
  });
}

/** 64-bit integers as numbers. */
function plain(record: DataRecord): DataRecord {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  return Array.isArray(value) ? value.map(plainValue) : value;
}
