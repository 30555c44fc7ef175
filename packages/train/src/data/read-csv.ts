import { GraftError } from "@graft/error";
import { type CsvError, parse } from "csv-parse";
import { brokenRow, type DataRecord } from "./columns.ts";
import type { DataFile, PlacedRecord } from "./record.ts";

/** What csv-parse gives with `info`: the record, and the line it ends on. */
interface Parsed {
  readonly info: { readonly lines: number };
  readonly record: DataRecord;
}

/** How a file separates its values. */
export interface CsvOptions {
  readonly delimiter?: string;
  /** Whether quotes mean anything: they do in CSV (RFC 4180), and not in the files of GLUE. */
  readonly quotes?: boolean;
  /** Names of the columns of a file without a header. */
  readonly columns?: readonly string[];
}

/** Records of a CSV file with a header (RFC 4180, quoted line breaks included). */
export async function* readCsv(file: DataFile, options: CsvOptions = {}): AsyncGenerator<PlacedRecord> {
  const { delimiter = ",", quotes = true, columns } = options;
  const faults: PlacedRecord[] = [];
  let fatal: GraftError | undefined;
  const parser = parse({
    columns: columns === undefined ? true : [...columns],
    bom: true,
    info: true,
    delimiter,
    quote: quotes ? '"' : null,
    skip_empty_lines: true,
    relax_column_count_less: true,
    skip_records_with_error: true,
    on_skip: (error) => {
      const place = { file: file.name, line: Number(error?.["lines"] ?? 0) };
      const fault = brokenRow(place, sentence(error?.message ?? ""), "Check the quotes and the number of columns");
      // Behind a quote that stands wrong nobody knows where the next row begins.
      if (error?.code.includes("QUOTE") === true) fatal ??= fault;
      faults.push({ place, fault });
      return undefined;
    },
  });
  // What fails while it is fed reaches the reader below.
  void (async () => {
    try {
      for await (const chunk of file.chunks()) if (!parser.write(chunk)) await new Promise((resolve) => parser.once("drain", resolve));
      parser.end();
    } catch (cause) {
      parser.destroy(cause instanceof Error ? cause : new Error(String(cause)));
    }
  })();
  try {
    for await (const { info, record } of parser as AsyncIterable<Parsed>) {
      if (fatal !== undefined) throw fatal;
      yield* faults.splice(0);
      yield { place: { file: file.name, line: info.lines }, record };
    }
    if (fatal !== undefined) throw fatal;
    yield* faults;
  } catch (cause) {
    throw isCsvError(cause)
      ? brokenRow(
          { file: file.name, line: Number(cause["lines"] ?? 0) },
          sentence(cause.message),
          "Check the quotes and the number of columns",
        )
      : cause;
  }
}

function isCsvError(cause: unknown): cause is CsvError {
  return cause instanceof Error && !(cause instanceof GraftError) && "code" in cause && String(cause.code).startsWith("CSV_");
}

function sentence(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
