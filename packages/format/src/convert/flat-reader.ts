import { GraftError } from "@graft/error";

/** Reads a FlatBuffer whose every offset is checked: the library trusts them, and files come from strangers. CONVERT_INVALID. */
export class FlatReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, identifier: string) {
    // A Buffer's `slice` is a view and an array's a copy.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found = bytes.length < 8 ? "" : String.fromCharCode(...bytes.subarray(4, 8));
    if (found !== identifier) throw broken(`it does not begin with "${identifier}"`);
  }

  root(): FlatTable {
    return new FlatTable(this, this.uint32(0));
  }

  uint16(at: number): number {
    this.check(at, 2);
    return this.#view.getUint16(at, true);
  }

  int32(at: number): number {
    this.check(at, 4);
    return this.#view.getInt32(at, true);
  }

  uint32(at: number): number {
    this.check(at, 4);
    return this.#view.getUint32(at, true);
  }

  int64(at: number): bigint {
    this.check(at, 8);
    return this.#view.getBigInt64(at, true);
  }

  slice(at: number, length: number): Uint8Array {
    this.check(at, length);
    return this.#bytes.slice(at, at + length);
  }

  /** Whether so many bytes are there. */
  check(at: number, length: number): void {
    if (!(at >= 0 && length >= 0 && at + length <= this.#bytes.length))
      throw broken(`it points to bytes ${at} to ${at + length}, and has ${this.#bytes.length}`);
  }
}

/** One table; absent fields are zero, or empty. */
export class FlatTable {
  readonly #reader: FlatReader;
  readonly #at: number;
  readonly #fields: number;

  constructor(reader: FlatReader, at: number) {
    this.#reader = reader;
    this.#at = at;
    this.#fields = at - reader.int32(at);
  }

  int32(field: number): number {
    const at = this.#place(field);
    return at === undefined ? 0 : this.#reader.int32(at);
  }

  text(field: number, most: number): string {
    const { at, count } = this.#vector(field, { width: 1, most });
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(this.#reader.slice(at, count));
    } catch (cause) {
      throw new GraftError("CONVERT_INVALID", "Cannot read the .onnx_adapter: a name is no UTF-8", { cause });
    }
  }

  bytes(field: number): Uint8Array {
    const { at, count } = this.#vector(field, { width: 1 });
    return this.#reader.slice(at, count);
  }

  int64s(field: number, most: number): bigint[] {
    const { at, count } = this.#vector(field, { width: 8, most });
    return Array.from({ length: count }, (_, index) => this.#reader.int64(at + 8 * index));
  }

  tables(field: number, most: number): FlatTable[] {
    const { at, count } = this.#vector(field, { width: 4, most });
    return Array.from({ length: count }, (_, index) => {
      const place = at + 4 * index;
      return new FlatTable(this.#reader, place + this.#reader.uint32(place));
    });
  }

  #vector(field: number, { width, most = Number.POSITIVE_INFINITY }: { width: number; most?: number }): { at: number; count: number } {
    const place = this.#place(field);
    if (place === undefined) return { at: 0, count: 0 };
    const start = place + this.#reader.uint32(place);
    const count = this.#reader.uint32(start);
    if (count > most) throw broken(`a list in it has ${count} entries, want at most ${most}`);
    this.#reader.check(start + 4, count * width);
    return { at: start + 4, count };
  }

  /** Where a field lies; undefined where the table leaves it out. */
  #place(field: number): number | undefined {
    const size = this.#reader.uint16(this.#fields);
    const slot = 4 + 2 * field;
    if (slot + 2 > size) return undefined;
    const offset = this.#reader.uint16(this.#fields + slot);
    return offset === 0 ? undefined : this.#at + offset;
  }
}

function broken(why: string): GraftError {
  return new GraftError("CONVERT_INVALID", `Cannot read the .onnx_adapter: ${why}`, {
    hint: "Check that it was written by ONNX Runtime or Olive, and not cut off",
  });
}
