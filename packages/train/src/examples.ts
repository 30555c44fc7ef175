import type { GraftError } from "@graft/error";
import { placedRows, type Place, type Rows } from "./data/rows.ts";

/** A row made ready for batches: numbers by name. */
export type Example = Readonly<Record<string, Int32Array | Float32Array | Uint8Array>>;

/** Examples by their number, in the order they were added. */
export interface ExampleStore<E extends Example> {
  add(example: E): Promise<void> | void;
  /** Examples in the order that is asked for. */
  read(numbers: readonly number[]): Promise<readonly E[]>;
}

/** A row as a task encodes it. */
export interface Encoded<E extends Example> {
  readonly example: E;
  /** Tokens, to make batches by. */
  readonly length: number;
  /** Whether the row was cut. */
  readonly cut?: boolean;
}

/** The rows of a part, made ready. */
export interface ExampleSet<Row, E extends Example> {
  readonly store: ExampleStore<E>;
  readonly lengths: readonly number[];
  /** Rows that were cut, and rows that were left out because they cannot be used. */
  readonly truncated: number;
  readonly skipped: number;
  /** The first rows, with their numbers. */
  readonly samples: readonly { readonly row: Row; readonly number: number }[];
}

/** How rows are made ready. */
export interface EncodeOptions<Row, E extends Example> {
  readonly store: ExampleStore<E>;
  /** DATA_INVALID for a row that cannot be used. */
  readonly encode: (row: Row, place: Place) => Encoded<E> | Promise<Encoded<E>>;
  /** Leaves out rows that cannot be used; by default the first ends the run. */
  readonly skipBadRows?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Rows between two turns of the event loop. */
const ROWS_AT_ONCE = 512;
/** Rows that are kept as they came, to take golden cases from. */
const SAMPLES = 64;

/** Encodes rows one after the other into a store. DATA_INVALID names the row. The event loop gets its turns. */
export async function encodeExamples<Row, E extends Example>(
  rows: Rows<Row>,
  { store, encode, skipBadRows = false, signal }: EncodeOptions<Row, E>,
): Promise<ExampleSet<Row, E>> {
  const lengths: number[] = [];
  const samples: { row: Row; number: number }[] = [];
  let [truncated, skipped, seen] = [0, 0, 0];
  for await (const placed of placedRows(rows)) {
    if (++seen % ROWS_AT_ONCE === 0) await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    try {
      if ("fault" in placed) throw placed.fault;
      const { example, length, cut = false } = await encode(placed.row, placed.place);
      await store.add(example);
      if (samples.length < SAMPLES) samples.push({ row: placed.row, number: lengths.length });
      lengths.push(length);
      if (cut) truncated++;
    } catch (cause) {
      if (!skipBadRows || (cause as Partial<GraftError>).code !== "DATA_INVALID") throw cause;
      skipped++;
    }
  }
  return { store, lengths, truncated, skipped, samples };
}

/** Keeps examples in memory. */
export function memoryStore<E extends Example>(): ExampleStore<E> {
  const examples: E[] = [];
  return {
    add: (example) => void examples.push(example),
    read: async (numbers) => numbers.map((number) => examples[number] as E),
  };
}
