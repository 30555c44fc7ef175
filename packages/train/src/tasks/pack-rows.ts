import type { GraftError } from "@graft/error";
import { isStream, placedRows, type PlacedRow, type Rows, type RowStream } from "../data/rows.ts";

/**
 * Texts one after the other, cut into rows of `size` tokens: no padding. What is left at the end makes a shorter row.
 * Faults pass through in their place.
 */
export function packRows<Row>(
  rows: Rows<Row>,
  { size, encode }: { readonly size: number; readonly encode: (row: Row) => readonly number[] },
): RowStream<readonly number[]> {
  return {
    name: isStream(rows) ? rows.name : "the data",
    async *[Symbol.asyncIterator](): AsyncGenerator<PlacedRow<readonly number[]>> {
      let waiting: number[] = [];
      let place: PlacedRow<Row>["place"] = { line: 1 };
      for await (const placed of placedRows(rows)) {
        place = placed.place;
        if ("fault" in placed) {
          yield { place, fault: placed.fault satisfies GraftError };
          continue;
        }
        waiting.push(...encode(placed.row));
        while (waiting.length >= size) {
          yield { place, row: waiting.slice(0, size) };
          waiting = waiting.slice(size);
        }
      }
      // One token has nothing to be predicted from.
      if (waiting.length > 1) yield { place, row: waiting };
    },
  };
}
