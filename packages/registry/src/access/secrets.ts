import { toBase64Url } from "@graft/trust";

/** 32 random bytes in base64url: a cookie, an invitation, the code of a device. What is stored is its sha256 (`hashToken`). */
export function createSecret(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
}

/** Letters that nobody mistakes for others, and that make no words. */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";

/** Eight letters that a person compares: `BCDF-GHJK`. 20^8 of them, and each lives for minutes. */
export function createUserCode(): string {
  const letters: string[] = [];
  while (letters.length < 8) {
    // 240 is the largest multiple of 20 in a byte: what is beyond would make some letters likelier.
    for (const byte of crypto.getRandomValues(new Uint8Array(16))) if (byte < 240) letters.push(LETTERS[byte % 20] ?? "");
  }
  return `${letters.slice(0, 4).join("")}-${letters.slice(4, 8).join("")}`;
}

/** A code as it may be typed, in its written form. */
export function readUserCode(text: string): string {
  const letters = text.toUpperCase().replaceAll(/[^A-Z]/g, "");
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
