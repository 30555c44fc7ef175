import { GraftError } from "@graft/error";

/** Bytes from `begin` up to, not including, `end`. */
export interface ByteRange {
  readonly begin: number;
  readonly end: number;
}

/** Reads a `Range` header for a body of `size` bytes: undefined means the whole (RFC 9110 §14.2: other units and bad syntax are ignored). RANGE_INVALID. */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  if (header === undefined || !header.startsWith("bytes=")) return undefined;
  if (header.includes(",")) throw invalid("one range at a time", size);
  const [, first = "", last = ""] = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header) ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") {
    if (Number(last) === 0 || size === 0) throw invalid("the range is empty", size);
    return { begin: Math.max(0, size - Number(last)), end: size };
  }
  const begin = Number(first);
  const end = last === "" ? size : Math.min(size, Number(last) + 1);
  if (last !== "" && Number(last) < begin) return undefined;
  if (begin >= size) throw invalid(`it begins at ${begin}`, size);
  return { begin, end };
}

/** Reads a `Content-Range` of an upload that goes on: where the bytes begin, and the size of the whole. RANGE_INVALID. */
export function parseContentRange(header: string): { readonly offset: number; readonly size: number } {
  const [, first, last, size] = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16})$/.exec(header) ?? [];
  if (
    first === undefined ||
    last === undefined ||
    size === undefined ||
    Number(first) > Number(last) ||
    Number(last) + 1 !== Number(size)
  ) {
    throw new GraftError(
      "RANGE_INVALID",
      `Cannot go on with the upload: Content-Range is "${header.slice(0, 80)}", want "bytes <offset>-<last>/<size>" up to the last byte`,
    );
  }
  return { offset: Number(first), size: Number(size) };
}

function invalid(why: string, size: number): GraftError {
  return new GraftError("RANGE_INVALID", `Cannot give the range: ${why}, of ${size} bytes`, { detail: { size } });
}
