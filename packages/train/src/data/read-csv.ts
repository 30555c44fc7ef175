import { GraftError } from "@graft/error";
import { type CsvError, parse } from "csv-parse";
import { brokenRow, type Columns, labelledRow } from "./columns.ts";
import type { LabelledRow } from "./labelled-row.ts";

/** What csv-parse gives with `info`: the record, and the line it ends on. */
interface Parsed {
  readonly info: { readonly lines: number };
  readonly record: Readonly<Record<string, string>>;
}

/** Labelled rows of a CSV file with a header (RFC 4180, quoted line breaks included). DATA_INVALID with the line. */
export async function* readCsv(
  chunks: AsyncIterable<Uint8Array>,
  options: { file: string; columns?: Columns; delimiter?: string },
): AsyncGenerator<LabelledRow> {
  const { file, columns = {}, delimiter = "," } = options;
  const parser = parse({ columns: true, bom: true, info: true, delimiter, skip_empty_lines: true, relax_column_count_less: true });
  // What fails while it is fed reaches the reader below.
  void (async () => {
    try {
      for await (const chunk of chunks) if (!parser.write(chunk)) await new Promise((resolve) => parser.once("drain", resolve));
      parser.end();
    } catch (cause) {
      parser.destroy(cause instanceof Error ? cause : new Error(String(cause)));
    }
  })();
  try {
    for await (const { info, record } of parser as AsyncIterable<Parsed>) {
      yield labelledRow(record, columns, { file, line: info.lines });
    }
  } catch (cause) {
    throw isCsvError(cause)
      ? brokenRow({ file, line: Number(cause["lines"] ?? 0) }, csvFault(cause.message), "Check the quotes and the number of columns")
      : cause;
  }
}

function isCsvError(cause: unknown): cause is CsvError {
  return cause instanceof Error && !(cause instanceof GraftError) && "code" in cause && String(cause.code).startsWith("CSV_");
}

function csvFault(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
