import type { GraftError } from "@graft/error";

/** Where a row stands: a line of a file, or its number among rows in memory, from 1. */
export interface Place {
  readonly file?: string;
  readonly line: number;
}

/** A row and where it stands, or what is wrong with it. */
export type PlacedRow<Row> = { readonly place: Place } & ({ readonly row: Row } | { readonly fault: GraftError });

/** Rows that are read as often as they are asked for, and never held all at once. */
export interface RowStream<Row> extends AsyncIterable<PlacedRow<Row>> {
  /** What the rows are called in messages. */
  readonly name: string;
}

/** Rows in memory, or a stream of them. */
export type Rows<Row> = readonly Row[] | RowStream<Row>;

/** The rows with their places. */
export async function* placedRows<Row>(rows: Rows<Row>): AsyncGenerator<PlacedRow<Row>> {
  if (isStream(rows)) yield* rows;
  else for (const [index, row] of rows.entries()) yield { row, place: { line: index + 1 } };
}

/** All rows of a stream, in memory. Throws the first fault. */
export async function collectRows<Row>(rows: Rows<Row>): Promise<Row[]> {
  const collected: Row[] = [];
  for await (const placed of placedRows(rows)) {
    if ("fault" in placed) throw placed.fault;
    collected.push(placed.row);
  }
  return collected;
}

/** Whether rows come as a stream. */
export function isStream<Row>(rows: Rows<Row>): rows is RowStream<Row> {
  return !Array.isArray(rows);
}
