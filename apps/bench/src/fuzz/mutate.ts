/** Random numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values that have broken readers of JSON and of lengths. */
const ODD_VALUES: readonly unknown[] = [
  0,
  -0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  1e308,
  "",
  "\u0000",
  "__proto__",
  "constructor",
  "../../x",
  "a".repeat(400),
  null,
  true,
  [],
  {},
  [[]],
  "F32",
  "sha256:",
  [0, 1],
  [0, 4_294_967_296],
  [-1, 8],
  "\ud800",
  "٣",
];
const ODD_TEXTS = [
  '"',
  "{",
  "}",
  "[",
  ",",
  ":",
  "\\u0000",
  "1e999",
  "9007199254740993",
  "NaN",
  '{"a":',
  '"__proto__":1,',
  "[[[[[[[[",
  " ",
  "\u00e9",
];

/** One way to change a file; it may give what is no file at all. */
type Mutation = (bytes: Uint8Array, random: () => number) => Uint8Array;

const at = (length: number, random: () => number): number => Math.floor(random() * length);
const one = <Item>(items: readonly Item[], random: () => number): Item => items[at(items.length, random)] as Item;

/** Every way; each mutant goes through one to three of them. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flipBit: (bytes, random) =>
    changed(bytes, (copy) => {
      const place = at(copy.length, random);
      copy[place] = (copy[place] ?? 0) ^ (1 << at(8, random));
    }),
  setByte: (bytes, random) => changed(bytes, (copy) => (copy[at(copy.length, random)] = one([0, 1, 0x20, 0x22, 0x7f, 0x80, 0xff], random))),
  cut: (bytes, random) => bytes.slice(0, at(bytes.length + 1, random)),
  append: (bytes, random) => joined(bytes, new Uint8Array(at(40, random))),
  repeat: (bytes, random) => {
    const begin = at(bytes.length, random);
    return joined(bytes.subarray(0, begin), bytes.subarray(Math.max(0, begin - at(64, random))));
  },
  remove: (bytes, random) => {
    const begin = at(bytes.length, random);
    return joined(bytes.subarray(0, begin), bytes.subarray(begin + at(32, random)));
  },
  headerLength: (bytes, random) =>
    changed(bytes, (copy) => {
      if (copy.length >= 8)
        new DataView(copy.buffer).setBigUint64(
          0,
          one([0n, 1n, 8n, BigInt(copy.length), 100_000_000n, 2n ** 53n, 2n ** 64n - 1n], random),
          true,
        );
    }),
  headerText: (bytes, random) =>
    withHeader(bytes, (text) => {
      const begin = at(text.length + 1, random);
      return text.slice(0, begin) + one(ODD_TEXTS, random) + text.slice(begin + at(4, random));
    }),
  headerValue: (bytes, random) => withHeader(bytes, (text) => editJson(text, (value) => setSomewhere(value, random))),
  manifestValue: (bytes, random) =>
    withHeader(bytes, (text) =>
      editJson(text, (header) => {
        const metadata = (header as { __metadata__?: Record<string, string> })["__metadata__"] ?? {};
        const [key] = Object.keys(metadata);
        if (key !== undefined)
          metadata[key] =
            random() < 0.7
              ? editJson(metadata[key] ?? "", (value) => setSomewhere(value, random))
              : (metadata[key] ?? "").slice(at(20, random));
      }),
    ),
  floats: (bytes, random) =>
    changed(bytes, (copy) => {
      const place = copy.length - 4 * (1 + at(16, random));
      if (place >= 8)
        new DataView(copy.buffer).setFloat32(place, one([Number.NaN, Number.POSITIVE_INFINITY, 3e38, 1e-45, -0], random), true);
    }),
};

/** A mutant of a file. */
export function mutate(bytes: Uint8Array, random: () => number): { readonly bytes: Uint8Array; readonly by: string } {
  const names = Object.keys(MUTATIONS);
  const by = Array.from({ length: 1 + at(3, random) }, () => one(names, random));
  let mutant = bytes;
  for (const name of by) mutant = mutant.length === 0 ? mutant : (MUTATIONS[name]?.(mutant, random) ?? mutant);
  return { bytes: mutant, by: by.join(" ") };
}

function changed(bytes: Uint8Array, change: (copy: Uint8Array<ArrayBuffer>) => unknown): Uint8Array {
  const copy = new Uint8Array(bytes);
  change(copy);
  return copy;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let begin = 0;
  for (const part of parts) {
    all.set(part, begin);
    begin += part.length;
  }
  return all;
}

/** Changes the header's text and writes its new length. */
function withHeader(bytes: Uint8Array, change: (text: string) => string): Uint8Array {
  if (bytes.length < 8) return bytes;
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (8 + length > bytes.length) return bytes;
  const text = new TextEncoder().encode(change(new TextDecoder().decode(bytes.subarray(8, 8 + length))));
  const head = new Uint8Array(8);
  new DataView(head.buffer).setBigUint64(0, BigInt(text.length), true);
  return joined(head, text, bytes.subarray(8 + length));
}

function editJson(text: string, change: (value: unknown) => void): string {
  try {
    const value: unknown = JSON.parse(text);
    change(value);
    return JSON.stringify(value);
  } catch {
    return text;
  }
}

/** Sets, removes or adds one member, somewhere in a document. */
function setSomewhere(value: unknown, random: () => number): void {
  let place = value as Record<string, unknown>;
  for (;;) {
    const keys = Object.keys(place);
    const key = keys.length === 0 ? "x" : one(keys, random);
    const inner = place[key];
    if (typeof inner === "object" && inner !== null && random() < 0.75) {
      place = inner as Record<string, unknown>;
      continue;
    }
    if (random() < 0.15) delete place[key];
    else if (random() < 0.1) place[String(one(ODD_VALUES, random))] = inner;
    else place[key] = one(ODD_VALUES, random);
    return;
  }
}
