import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { intValue, type TensorValue } from "./tensor-value.ts";
import type { Encoding } from "./tokenizer.ts";

/** The inputs of an encoder, int64 [batch, sequence]. */
export type EncoderFeeds = Readonly<Record<"input_ids" | "attention_mask" | "token_type_ids", TensorValue<"int64">>>;

/** How rows are padded. */
export interface PadOptions {
  readonly padId: number;
  /** Pads to one of few widths instead of the longest row's. */
  readonly rounded?: boolean;
  readonly multipleOf?: number;
  /** Widths are not rounded past it. */
  readonly maxLength?: number;
}

/** Pads rows to the longest of them, or a little wider; the mask is 1 on tokens, 0 on padding. */
export function padBatch(rows: readonly Encoding[], options: PadOptions): EncoderFeeds {
  const longest = rows.reduce((most, { ids }) => Math.max(most, ids.length), 0);
  const step = options.multipleOf ?? 1;
  const rounded = Math.ceil((options.rounded === true ? paddedWidth(longest) : longest) / step) * step;
  const width = Math.max(longest, Math.min(rounded, options.maxLength ?? Infinity));
  const ids = new BigInt64Array(rows.length * width).fill(BigInt(options.padId));
  const mask = new BigInt64Array(rows.length * width);
  const types = new BigInt64Array(rows.length * width);
  for (const [row, encoding] of rows.entries()) {
    const start = row * width;
    for (let column = 0; column < encoding.ids.length; column++) {
      ids[start + column] = BigInt(encoding.ids[column] ?? 0);
      types[start + column] = BigInt(encoding.typeIds[column] ?? 0);
    }
    mask.fill(1n, start, start + encoding.ids.length);
  }
  const dims = [rows.length, width];
  return { input_ids: intValue(dims, ids), attention_mask: intValue(dims, mask), token_type_ids: intValue(dims, types) };
}

/** Widths from one power of two to the next. With 8, a row of average length is padded by 3 %. */
const WIDTHS_PER_OCTAVE = 8;

/** The width that rows of some length are padded to: finer steps for short rows, so that padding is a small share of all, and few shapes. */
export function paddedWidth(length: number): number {
  const step = Math.max(1, 2 ** Math.floor(Math.log2(Math.max(1, length - 1))) / WIDTHS_PER_OCTAVE);
  return Math.ceil(length / step) * step;
}

/**
 * Rows in batches of about equal length. With `seed` or `random` their order is shuffled: every row once, every batch
 * full but one, rows of one width dealt out anew. Without, longest first, so that the most memory is taken by the first batch.
 */
export function batchesByLength(
  lengths: readonly number[],
  options: { readonly batchSize: number; readonly seed?: number; readonly random?: RandomGenerator },
): number[][] {
  const { batchSize, seed } = options;
  const random = options.random ?? (seed === undefined ? undefined : xoroshiro128plus(seed));
  const rows = Array.from(lengths, (_, index) => index);
  if (random === undefined) return cut(sortByLength(rows, lengths), batchSize);
  const widths = lengths.map(paddedWidth);
  const sorted = sortByLength(shuffle(rows, random), widths);
  // Which batch is the short one is up to chance.
  const short = sorted.length % batchSize;
  const before = batchSize * uniformInt(random, 0, Math.floor(sorted.length / batchSize));
  const [ahead, behind] = [sorted.slice(0, before), sorted.slice(before + short)];
  return shuffle([...cut(ahead, batchSize), ...cut(sorted.slice(before, before + short), batchSize), ...cut(behind, batchSize)], random);
}

/** Shuffles in place: Fisher and Yates. Every order is equally likely. */
export function shuffle<T>(items: T[], random: RandomGenerator): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = uniformInt(random, 0, last);
    [items[last], items[other]] = [items[other] as T, items[last] as T];
  }
  return items;
}

function sortByLength(rows: readonly number[], lengths: readonly number[]): number[] {
  return rows.toSorted((left, right) => (lengths[right] ?? 0) - (lengths[left] ?? 0));
}

function cut<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}
