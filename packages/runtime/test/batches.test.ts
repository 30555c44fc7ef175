import { batchesByLength, padBatch } from "@graft/runtime";
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

test("without a seed the longest come first", () => {
  expect(batchesByLength([3, 9, 5], { batchSize: 2 })).toEqual([[1, 2], [0]]);
});
