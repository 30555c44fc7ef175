import { GraftError } from "@graft/error";

/** Bytes as base64 with padding (RFC 4648 §4), as signed notes and tree heads write it. */
export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** The bytes of a base64 text in its one written form; LOG_INVALID for any other. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
  const bytes = isBase64 ? Uint8Array.from(atob(text), (character) => character.charCodeAt(0)) : new Uint8Array();
  if (!isBase64 || toBase64(bytes) !== text) throw new GraftError("LOG_INVALID", "Cannot read base64: it is not written as RFC 4648 says");
  return bytes;
}
