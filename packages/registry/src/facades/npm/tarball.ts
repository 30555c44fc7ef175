import type { VersionFile } from "../version-files.ts";

/** A block of a tar file, and the most that one stored block of a deflate stream holds. */
const BLOCK = 512;
const STORED = 65_535;

/** The instant that npm gives every file: 1985-10-26T08:15:00Z. */
const TIME = 499_162_500;

/**
 * A package as npm has it: a tar of `package/…` in gzip, bytes stored and not deflated, since weights do not shrink and what a library
 * deflates differs between its versions. The same files give the same bytes, for ever: lock files of apps hold their hash.
 */
export async function* tarball(
  files: readonly VersionFile[],
  read: (file: VersionFile) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const checksum = new Crc32();
  let size = 0;
  yield Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
  for await (const piece of tar(files, read)) {
    for (let begin = 0; begin < piece.length; begin += STORED) {
      const part = piece.subarray(begin, begin + STORED);
      checksum.update(part);
      size += part.length;
      yield storedHeader(part.length, false);
      yield part;
    }
  }
  yield storedHeader(0, true);
  const trailer = new DataView(new ArrayBuffer(8));
  trailer.setUint32(0, checksum.value, true);
  trailer.setUint32(4, size % 2 ** 32, true);
  yield new Uint8Array(trailer.buffer);
}

async function* tar(files: readonly VersionFile[], read: (file: VersionFile) => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    yield header(`package/${file.path}`, file.size);
    yield* read(file);
    const rest = file.size % BLOCK;
    if (rest > 0) yield new Uint8Array(BLOCK - rest);
  }
  yield new Uint8Array(2 * BLOCK);
}

/** RFC 1951 §3.2.4: a block that is not compressed. */
function storedHeader(length: number, isLast: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(5));
  view.setUint8(0, isLast ? 1 : 0);
  view.setUint16(1, length, true);
  view.setUint16(3, ~length & 0xffff, true);
  return new Uint8Array(view.buffer);
}

/** POSIX ustar; the names are short and the sizes below 8 GiB. */
function header(path: string, size: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const write = (text: string, offset: number): void => void new TextEncoder().encodeInto(text, block.subarray(offset));
  const octal = (value: number, length: number): string => value.toString(8).padStart(length - 1, "0");
  write(path, 0);
  write(octal(0o644, 8), 100);
  write(octal(0, 8), 108);
  write(octal(0, 8), 116);
  write(octal(size, 12), 124);
  write(octal(TIME, 12), 136);
  write(" ".repeat(8), 148);
  write("0", 156);
  write("ustar\u000000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  write(`${octal(sum, 7)}\u0000 `, 148);
  return block;
}

/** CRC-32 as gzip has it (RFC 1952 §8). */
class Crc32 {
  static readonly #table = makeTable();
  #state = 0xffffffff;

  update(bytes: Uint8Array): void {
    const table = Crc32.#table;
    let state = this.#state;
    for (let index = 0; index < bytes.length; index++) state = (state >>> 8) ^ (table[(state ^ (bytes[index] as number)) & 0xff] as number);
    this.#state = state;
  }

  get value(): number {
    return (this.#state ^ 0xffffffff) >>> 0;
  }
}

function makeTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
}
