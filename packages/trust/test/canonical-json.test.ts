import { canonicalJson } from "@graft/trust";
import fc from "fast-check";
import { expect, test } from "vitest";

test("the example of RFC 8785 §3.2.3 sorts as the standard says", () => {
  const value = { "€": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One", "😀": "Emoji: Grinning Face", "\u0080": "Control", "ö": "Latin Small Letter O With Diaeresis" };
  const order = ["Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign", "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh"];
  expect([...canonicalJson(value).matchAll(/:"([^"]+)"/g)].map((match) => match[1])).toEqual(order);
});

test("the example of RFC 8785 §3.2.2 comes out byte for byte", () => {
  const value = { numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 1e-27], string: "€$\u000F\u000aA'B\u0022\u005c\\\"/", literals: [null, true, false] };
  expect(canonicalJson(value)).toBe(String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`);
});

test("the order in which keys were set does not matter, and the text parses back", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { seed: 7, numRuns: 200 },
  );
});

test("what JSON cannot say is refused, not written as null", () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => canonicalJson({ value })).toThrow(expect.objectContaining({ code: "NOT_FINITE" }));
  for (const value of ["\uD800", 1n, new Map(), new Uint8Array(1)]) expect(() => canonicalJson({ value })).toThrow(expect.objectContaining({ code: "USAGE" }));
});
