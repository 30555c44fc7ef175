/** Takes codes of 4, 6, 8 or 16 bits apart; the first element sits in the lowest bits. */
export function unpackCodes(bits: number, bytes: Uint8Array): Uint8Array | Uint16Array {
  if (bits === 8) return bytes;
  if (bits === 16) return new Uint16Array(aligned(bytes, 2));
  const codes = new Uint8Array((bytes.length * 8) / bits);
  for (let index = 0; index < codes.length; index += 1) {
    const at = index * bits;
    const pair = (bytes[at >> 3] ?? 0) | ((bytes[(at >> 3) + 1] ?? 0) << 8);
    codes[index] = (pair >> (at & 7)) & ((1 << bits) - 1);
  }
  return codes;
}

/** Puts codes together again. */
export function packCodes(bits: number, codes: Uint8Array | Uint16Array): Uint8Array {
  if (bits >= 8) return new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength);
  const bytes = new Uint8Array(Math.ceil((codes.length * bits) / 8));
  for (let index = 0; index < codes.length; index += 1) {
    const at = index * bits;
    const shifted = (codes[index] ?? 0) << (at & 7);
    bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (shifted & 0xff);
    if (shifted > 0xff) bytes[(at >> 3) + 1] = shifted >> 8;
  }
  return bytes;
}

/** A buffer of exactly these bytes at an address that is a multiple of `width`: a typed array needs one. Copies always, so the caller owns it. */
export function aligned(bytes: Uint8Array, width: number): ArrayBuffer {
  const whole = bytes.length - (bytes.length % width);
  const copy = new ArrayBuffer(whole);
  new Uint8Array(copy).set(bytes.subarray(0, whole));
  return copy;
}
