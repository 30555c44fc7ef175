import { batchesByLength, padBatch, paddedWidth } from "@graft/runtime";
import { array, assert, integer, nat, option, property } from "fast-check";
import { expect, test } from "vitest";

const row = (...ids: number[]) => ({ ids, typeIds: ids.map((id) => (id > 5 ? 1 : 0)) });

test("rows are padded to the longest, and the mask tells tokens from padding", () => {
  expect(padBatch([row(1, 6), row(2)], { padId: 9 })).toEqual({
    input_ids: { type: "int64", dims: [2, 2], data: BigInt64Array.of(1n, 6n, 2n, 9n) },
    attention_mask: { type: "int64", dims: [2, 2], data: BigInt64Array.of(1n, 1n, 1n, 0n) },
    token_type_ids: { type: "int64", dims: [2, 2], data: BigInt64Array.of(0n, 1n, 0n, 0n) },
  });
});

test("the width is rounded up to a multiple, but not past the longest input that a base takes", () => {
  expect(padBatch([row(1, 2, 3)], { padId: 0, multipleOf: 8 }).input_ids.dims).toEqual([1, 8]);
  expect(padBatch([row(1, 2, 3)], { padId: 0, multipleOf: 8, maxLength: 5 }).input_ids.dims).toEqual([1, 5]);
  expect(padBatch([row(1, 2, 3)], { padId: 0, multipleOf: 3 }).input_ids.dims).toEqual([1, 3]);
});

test("widths are few, and wider than the row by at most an eighth", () => {
  const widths = Array.from({ length: 512 }, (_, index) => paddedWidth(index + 1));
  for (const [index, width] of widths.entries()) expect(width - index - 1).toBeLessThanOrEqual(index / 8);
  expect(widths.slice(0, 16)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
  expect(new Set(widths).size).toBe(16 + 8 * 5);
  expect(padBatch([row(...Array.from({ length: 33 }, () => 1))], { padId: 0, rounded: true }).input_ids.dims).toEqual([1, 36]);
  expect(padBatch([row(...Array.from({ length: 33 }, () => 1))], { padId: 0, rounded: true, maxLength: 34 }).input_ids.dims).toEqual([
    1, 34,
  ]);
});

test("every row is in one batch, and every batch but one is full", () => {
  assert(
    property(
      array(nat(100), { maxLength: 500 }),
      integer({ min: 1, max: 40 }),
      option(integer(), { nil: undefined }),
      (lengths, batchSize, seed) => {
        const batches = batchesByLength(lengths, { batchSize, ...(seed === undefined ? {} : { seed }) });
        expect(batches.flat().toSorted((left, right) => left - right)).toEqual(lengths.map((_, index) => index));
        expect(batches.filter((batch) => batch.length !== batchSize).length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 50 },
  );
});

test("one seed gives one order, another seed another", () => {
  const lengths = Array.from({ length: 200 }, (_, index) => index % 17);
  const order = (seed: number) => batchesByLength(lengths, { batchSize: 8, seed });
  expect(order(1)).toEqual(order(1));
  expect(order(1)).not.toEqual(order(2));
});

test("rows of a batch have about the same length", () => {
  const lengths = Array.from({ length: 6_400 }, (_, index) => (index * 37) % 128);
  const padding = batchesByLength(lengths, { batchSize: 16, seed: 3 }).reduce((sum, batch) => {
    const own = batch.map((index) => lengths[index] ?? 0);
    return sum + Math.max(...own) * own.length - own.reduce((total, length) => total + length, 0);
  }, 0);
  expect(padding / lengths.reduce((total, length) => total + length, 0)).toBeLessThan(0.05);
});

test("a row's place in the order does not depend on its length or its place in the data", () => {
  const size = 40;
  const seeds = 400;
  const places = new Float64Array(size);
  for (let seed = 0; seed < seeds; seed++) {
    const order = batchesByLength(
      Array.from({ length: size }, (_, index) => index),
      { batchSize: 1, seed },
    ).flat();
    for (const [place, index] of order.entries()) places[index] = (places[index] ?? 0) + place / seeds;
  }
  // The mean place of a row is (size - 1) / 2 = 19.5, with a standard error of 0.58.
  for (const place of places) expect(Math.abs(place - 19.5)).toBeLessThan(3);
});

/** Rows of four widths, one of them rare, in more epochs than chance can hide in. */
const LENGTHS = Array.from({ length: 202 }, (_, index) => (index % 101 === 0 ? 120 : 8 * (1 + (index % 3))));
const EPOCHS = 600;
const epochs = Array.from({ length: EPOCHS }, (_, seed) => batchesByLength(LENGTHS, { batchSize: 8, seed }));

/** Sum of (observed − expected)² / expected: about as large as its degrees of freedom, with a deviation of √(2 · degrees). */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

test("batches of any length come at any time of an epoch", () => {
  const places = (wanted: number): number[] => {
    const counts = (epochs[0] ?? []).map(() => 0);
    for (const batches of epochs)
      for (const [place, batch] of batches.entries())
        for (const index of batch) if (LENGTHS[index] === wanted) counts[place] = (counts[place] ?? 0) + 1;
    return counts;
  };
  // Rows come in batches of eight, which makes the sum eight times as large as that of single rows.
  for (const length of [8, 16, 24, 120]) {
    const degrees = places(length).length - 1;
    expect(chiSquare(places(length)) / 8, `${length}`).toBeLessThan(degrees + 5 * Math.sqrt(2 * degrees));
  }
});

test("rows of one width meet each other equally often", () => {
  const first = LENGTHS.indexOf(16);
  const met = new Map(LENGTHS.flatMap((length, index) => (length === 16 && index !== first ? [[index, 0]] : [])));
  for (const batches of epochs)
    for (const index of batches.find((batch) => batch.includes(first)) ?? []) if (met.has(index)) met.set(index, (met.get(index) ?? 0) + 1);
  const degrees = met.size - 1;
  expect(chiSquare([...met.values()])).toBeLessThan(degrees + 5 * Math.sqrt(2 * degrees));
});

test("the short batch takes every row equally often", () => {
  const taken = LENGTHS.map(() => 0);
  for (const batches of epochs) for (const index of batches.find((batch) => batch.length < 8) ?? []) taken[index] = (taken[index] ?? 0) + 1;
  // It has two rows of 202.
  expect(taken.reduce((sum, count) => sum + count, 0)).toBe(2 * EPOCHS);
  const degrees = taken.length - 1;
  expect(chiSquare(taken)).toBeLessThan(degrees + 5 * Math.sqrt(2 * degrees));
});

test("without a seed the longest come first", () => {
  expect(batchesByLength([3, 9, 5], { batchSize: 2 })).toEqual([[1, 2], [0]]);
});
