import type { Example } from "../examples.ts";

const KINDS = [Int32Array, Float32Array, Uint8Array] as const;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * An example as bytes: for each array its kind, the length of its name and its count (three 32-bit integers), the name and
 * the values, both filled up to four bytes.
 */
export function packExample(example: Example): Uint8Array {
  const parts = Object.entries(example).flatMap(([name, values]) => {
    const title = encoder.encode(name);
    const kind = KINDS.findIndex((one) => values instanceof one);
    return [
      new Uint8Array(Int32Array.of(kind, title.length, values.length).buffer),
      filled(title),
      filled(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
    ];
  });
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The example that was packed; its arrays are copies. */
export function unpackExample(bytes: Uint8Array): Example {
  const buffer = bytes.slice().buffer;
  const arrays: Record<string, Int32Array | Float32Array | Uint8Array> = {};
  for (let at = 0; at < buffer.byteLength;) {
    const [kind = 0, title = 0, count = 0] = new Int32Array(buffer, at, 3);
    at += 12;
    const name = decoder.decode(new Uint8Array(buffer, at, title));
    at += four(title);
    const make = KINDS[kind] ?? Uint8Array;
    arrays[name] = new make(buffer, at, count);
    at += four(count * make.BYTES_PER_ELEMENT);
  }
  return arrays;
}

function four(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function filled(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 4 === 0) return bytes;
  const longer = new Uint8Array(four(bytes.length));
  longer.set(bytes);
  return longer;
}
