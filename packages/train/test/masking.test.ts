import { maskRow } from "@graft/train";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { describe, expect, test } from "vitest";

const vocabulary = { maskId: 4, size: 1000, specialIds: new Set([0, 1, 2, 3, 4]) };
const row = Int32Array.from([2, ...Array.from({ length: 100 }, (_, index) => 10 + index), 3]);

describe("masking", () => {
  test("chooses 15 % of the tokens that are no special ones, and says what stood there", () => {
    const { ids, positions, labels } = maskRow(row, vocabulary, { rate: 0.15, random: xoroshiro128plus(1) });
    expect(positions).toHaveLength(15);
    expect(positions).toEqual(positions.toSorted((left, right) => left - right));
    expect(labels).toEqual(positions.map((position) => row[position]));
    expect(positions.every((position) => position > 0 && position < row.length - 1)).toBe(true);
    for (const [position, id] of ids.entries()) if (!positions.includes(position)) expect(id).toBe(row[position]);
  });

  test("makes 80 % of them [MASK], 10 % another token, and leaves 10 %", () => {
    const random = xoroshiro128plus(2);
    const counts = { masked: 0, random: 0, kept: 0 };
    for (let round = 0; round < 1000; round++) {
      const { ids, positions } = maskRow(row, vocabulary, { rate: 0.15, random });
      for (const position of positions) {
        const id = ids[position] ?? 0;
        if (id === vocabulary.maskId) counts.masked++;
        else if (id === row[position]) counts.kept++;
        else counts.random++;
        if (id !== vocabulary.maskId) expect(vocabulary.specialIds.has(id)).toBe(false);
      }
    }
    const share = (count: number): number => count / 15_000;
    expect(share(counts.masked)).toBeCloseTo(0.8, 1);
    expect(share(counts.random)).toBeCloseTo(0.1, 1);
    expect(share(counts.kept)).toBeCloseTo(0.1, 1);
  });

  test("hides at least one token, and none where there is none", () => {
    expect(maskRow(Int32Array.from([2, 9, 3]), vocabulary, { rate: 0.15, random: xoroshiro128plus(3) }).positions).toEqual([1]);
    expect(maskRow(Int32Array.from([2, 3]), vocabulary, { rate: 0.15, random: xoroshiro128plus(3) }).positions).toEqual([]);
  });
});
