import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { intValue, type TensorValue } from "./tensor-value.ts";
import type { Encoding } from "./tokenizer.ts";

/** The inputs of an encoder, int64 [batch, sequence]. */
export type EncoderFeeds = Readonly<Record<"input_ids" | "attention_mask" | "token_type_ids", TensorValue<"int64">>>;

/** Pads rows to the longest of them, rounded up to `multipleOf` but never past `maxLength`; the mask is 1 on tokens, 0 on padding. */
export function padBatch(
  rows: readonly Encoding[],
  options: { readonly padId: number; readonly multipleOf?: number; readonly maxLength?: number },
): EncoderFeeds {
  const longest = rows.reduce((most, { ids }) => Math.max(most, ids.length), 0);
  const step = options.multipleOf ?? 1;
  const width = Math.max(longest, Math.min(Math.ceil(longest / step) * step, options.maxLength ?? Infinity));
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

/** Rows are sorted by length within groups of so many batches: nearly no padding, and still another order every epoch. */
const BATCHES_PER_GROUP = 50;

/**
 * Rows in batches of about equal length. With `seed` or `random` their order is shuffled: every row once, every batch
 * full but one, that one anywhere. Without, longest first, so that the most memory is taken by the first batch.
 */
export function batchesByLength(
  lengths: readonly number[],
  options: { readonly batchSize: number; readonly seed?: number; readonly random?: RandomGenerator },
): number[][] {
  const { batchSize, seed } = options;
  const random = options.random ?? (seed === undefined ? undefined : xoroshiro128plus(seed));
  const rows = Array.from(lengths, (_, index) => index);
  if (random === undefined) return cut(sortByLength(rows, lengths), batchSize);
  const groups = cut(shuffle(rows, random), batchSize * BATCHES_PER_GROUP);
  return shuffle(
    groups.flatMap((group) => cut(sortByLength(group, lengths), batchSize)),
    random,
  );
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
