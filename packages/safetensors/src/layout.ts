import { GraftError } from "@graft/error";
import { byteLength, DTYPES, type Dtype } from "./dtypes.ts";
import { quote } from "./invalid.ts";
import { LIMITS } from "./limits.ts";

const ORDER = new Map(Object.keys(DTYPES).map((dtype, index) => [dtype, index]));

/** What a writer must know of a tensor before its bytes. */
export interface TensorShape {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/** A tensor's place in the file. */
export interface Placed<T extends TensorShape> {
  readonly entry: T;
  readonly begin: number;
  readonly end: number;
}

/**
 * Places tensors as the reference writer does (dtype from widest, then name by code points) and writes the header.
 * `prefix` is the length, the JSON and the spaces up to a multiple of 8; equal input gives equal bytes.
 */
export function planLayout<T extends TensorShape>(
  entries: Iterable<T>,
  metadata?: ReadonlyMap<string, string>,
): { prefix: Uint8Array; placed: Placed<T>[]; dataBytes: number } {
  const names = new Set<string>();
  const placed: Placed<T>[] = [];
  let end = 0;
  for (const entry of [...entries].toSorted(compareEntries)) {
    const begin = end;
    end += checkedSize(entry);
    if (names.has(entry.name)) throw refuse(entry.name, "the name comes twice");
    names.add(entry.name);
    placed.push({ entry, begin, end });
  }
  return { prefix: writePrefix(placed, metadata), placed, dataBytes: end };
}

function compareEntries(left: TensorShape, right: TensorShape): number {
  return (ORDER.get(right.dtype) ?? 0) - (ORDER.get(left.dtype) ?? 0) || compareCodePoints(left.name, right.name);
}

/** Order of UTF-8 bytes, which UTF-16 order is not. */
export function compareCodePoints(left: string, right: string): number {
  for (let index = 0; index < left.length && index < right.length; index += 1) {
    const difference = rank(left.charCodeAt(index)) - rank(right.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Surrogates stand for code points above all of the basic plane. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit;
}

function checkedSize({ name, dtype, shape }: TensorShape): number {
  if (!Object.hasOwn(DTYPES, dtype)) throw refuse(name, `the dtype ${quote(dtype)} is unknown`);
  if (name === "__metadata__") throw refuse(name, "the name is reserved");
  if (!name.isWellFormed()) throw refuse(name, "the name holds half a surrogate pair");
  if (shape.some((dimension) => !Number.isSafeInteger(dimension) || dimension < 0))
    throw refuse(name, `its shape [${shape.join(", ")}] is no list of sizes`);
  const size = byteLength(dtype, shape);
  if (size === undefined) throw refuse(name, "its elements do not fill whole bytes");
  if (!Number.isSafeInteger(size)) throw refuse(name, "it is too large");
  return size;
}

/** SAFETENSORS_INVALID for a tensor that no file can hold. */
export function refuse(name: string, why: string): GraftError {
  return new GraftError("SAFETENSORS_INVALID", `Cannot write the tensor ${quote(name)}: ${why}`);
}

function writePrefix(placed: readonly Placed<TensorShape>[], metadata: ReadonlyMap<string, string> | undefined): Uint8Array {
  // Written by hand: an object would move keys that look like numbers to the front.
  const members = placed.map(
    ({ entry: { name, dtype, shape }, begin, end }) =>
      `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`,
  );
  if (metadata !== undefined) {
    const pairs = [...metadata].toSorted(([left], [right]) => compareCodePoints(left, right));
    for (const text of pairs.flat())
      if (!text.isWellFormed())
        throw new GraftError("SAFETENSORS_INVALID", "Cannot write __metadata__: a text holds half a surrogate pair");
    members.unshift(`"__metadata__":{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`);
  }
  const json = new TextEncoder().encode(`{${members.join(",")}}`);
  const length = Math.ceil(json.length / 8) * 8;
  if (length > LIMITS.headerBytes)
    throw new GraftError(
      "LIMIT_EXCEEDED",
      `Cannot write safetensors: the header takes ${length} bytes, want at most ${LIMITS.headerBytes}`,
    );
  const prefix = new Uint8Array(8 + length).fill(0x20);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(length), true);
  prefix.set(json, 8);
  return prefix;
}
