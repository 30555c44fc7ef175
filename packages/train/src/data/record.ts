import type { GraftError } from "@graft/error";
import type { DataRecord } from "./columns.ts";
import type { Place } from "./rows.ts";

/** A record of a file and where it stands, or why it could not be read. */
export type PlacedRecord = { readonly place: Place } & ({ readonly record: DataRecord } | { readonly fault: GraftError });

/** A file as readers take it. */
export interface DataFile {
  /** Its path, for messages. */
  readonly name: string;
  readonly size: number;
  /** The bytes in order. FILE_NOT_FOUND. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Some of the bytes. */
  slice(begin: number, end: number): Promise<ArrayBuffer>;
}

/** Reads the records of one format, few at a time. DATA_INVALID where reading cannot go on. */
export type RecordReader = (file: DataFile) => AsyncIterable<PlacedRecord>;
