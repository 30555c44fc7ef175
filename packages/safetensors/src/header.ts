import { GraftError } from "@graft/error";
import { DTYPES, type Dtype } from "./dtypes.ts";
import type { ByteSource } from "./byte-source.ts";
import type { Finding } from "./finding.ts";
import { parseHeaderJson, type HeaderJson, type TensorEntry, type Unsigned } from "./header-json.ts";
import { invalid, quote } from "./invalid.ts";
import { LIMITS } from "./limits.ts";

/** Where a tensor lies: `begin` and `end` in bytes from the start of the data. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: Dtype;
  /** A dimension above 2^53, which only an empty tensor can have, is rounded here and refused by `checkHeader`. */
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** A checked header: tensors in the order of their data, which starts at `dataOffset` in the file. */
export interface Header {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly dataOffset: number;
  /** What the JSON showed that an adapter may not have; `checkHeader` adds the rest. */
  readonly findings: readonly Finding[];
}

const LENGTH_BYTES = 8;
const U64_END = 2n ** 64n;

/**
 * Reads and validates a header, reading nothing else: agrees with the reference implementation on every input.
 * SAFETENSORS_INVALID, with the reference's name for the fault in `detail.reason`; LIMIT_EXCEEDED above the caller's own `headerBytes`.
 */
export async function readHeader(source: ByteSource, options: { readonly headerBytes?: number } = {}): Promise<Header> {
  if (source.size < LENGTH_BYTES) throw invalid("HeaderTooSmall", `the file has ${source.size} bytes, want at least ${LENGTH_BYTES}`);
  const prefix = await source.read(0, LENGTH_BYTES);
  const length = new DataView(prefix.buffer, prefix.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > BigInt(LIMITS.headerBytes))
    throw invalid("HeaderTooLarge", `the header claims ${length} bytes, want at most ${LIMITS.headerBytes}`);
  const dataOffset = LENGTH_BYTES + Number(length);
  if (dataOffset > source.size) throw invalid("InvalidHeaderLength", `the header claims ${length} bytes, the file has ${source.size}`);
  const { headerBytes = LIMITS.headerBytes } = options;
  if (length > BigInt(headerBytes))
    throw new GraftError("LIMIT_EXCEEDED", `Cannot read safetensors: the header has ${length} bytes, want at most ${headerBytes}`);
  const json = parseHeaderJson(decode(await source.read(LENGTH_BYTES, Number(length))));
  const { tensors, end } = layOut(json);
  if (BigInt(end) + BigInt(dataOffset) !== BigInt(source.size)) {
    throw invalid("MetadataIncompleteBuffer", `the tensors end at byte ${BigInt(end) + BigInt(dataOffset)}, the file has ${source.size}`);
  }
  return { metadata: json.metadata, tensors, dataOffset, findings: json.findings };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid("InvalidHeader", "the header is no UTF-8");
  }
}

/** Checks that the tensors fill the data with no hole and no overlap, in the reference's order of checks. */
function layOut({ entries }: HeaderJson): { tensors: Map<string, TensorInfo>; end: Unsigned } {
  const sorted = [...entries].toSorted(([, left], [, right]) => compare(left.begin, right.begin) || compare(left.end, right.end));
  const tensors = new Map<string, TensorInfo>();
  let expected: Unsigned = 0;
  for (const [name, entry] of sorted) {
    const { begin, end, dtype } = entry;
    if (begin !== expected || end < begin) {
      throw invalid("InvalidOffset", `the tensor ${quote(name)} lies at ${begin} to ${end}, want a begin of ${expected}`);
    }
    const size = sizeOf(name, entry);
    if (BigInt(end) - BigInt(begin) !== size) {
      throw invalid(
        "TensorInvalidInfo",
        `the tensor ${quote(name)} takes ${BigInt(end) - BigInt(begin)} bytes, its shape and dtype need ${size}`,
      );
    }
    tensors.set(name, { name, dtype, shape: toNumbers(entry.shape), begin: Number(begin), end: Number(end) });
    expected = end;
  }
  return { tensors, end: expected };
}

function compare(left: Unsigned, right: Unsigned): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Bytes of a tensor in 64-bit arithmetic: an overflow on the way is an error even when a later zero would hide it. */
function sizeOf(name: string, { dtype, shape }: TensorEntry): bigint {
  let elements: Unsigned = 1;
  for (const dimension of shape) elements = multiply(name, elements, dimension);
  const bits = BigInt(multiply(name, elements, DTYPES[dtype].bits));
  if (bits % 8n !== 0n) throw invalid("MisalignedSlice", `the tensor ${quote(name)} does not fill whole bytes`);
  return bits / 8n;
}

/** A product that is a number while it is exact; numbers are several times faster. */
function multiply(name: string, left: Unsigned, right: Unsigned): Unsigned {
  const quick = Number(left) * Number(right);
  if (quick <= Number.MAX_SAFE_INTEGER) return quick;
  const exact = BigInt(left) * BigInt(right);
  if (exact >= U64_END) throw invalid("ValidationOverflow", `the size of the tensor ${quote(name)} does not fit 64 bits`);
  return exact;
}

/** Dimensions as numbers; the array is kept where it can be, for a hostile one has millions. */
function toNumbers(shape: readonly Unsigned[]): readonly number[] {
  return shape.every((dimension) => typeof dimension === "number") ? shape : shape.map(Number);
}
