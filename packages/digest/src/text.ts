import { GraftError } from "@graft/error";

/** A sha256 as it is written everywhere: `sha256:` and 64 lower-case hex digits. */
export type Digest = `sha256:${string}`;

const PATTERN = /^sha256:[0-9a-f]{64}$/;

/** Lower-case hex of bytes. */
export function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** Writes 32 raw bytes as a digest; NAME_INVALID for any other length. */
export function formatDigest(raw: Uint8Array): Digest {
  if (raw.length !== 32) throw new GraftError("NAME_INVALID", `Cannot write a digest: ${raw.length} bytes, want 32`);
  return `sha256:${hex(raw)}`;
}

/** Whether a text is a well-formed digest. */
export function isDigest(text: string): text is Digest {
  return PATTERN.test(text);
}

/** Checks a digest that came from outside; NAME_INVALID when it is not well formed. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new GraftError(
    "NAME_INVALID",
    `Cannot read the digest ${JSON.stringify(text.slice(0, 100))}: want "sha256:" and 64 lower-case hex digits`,
  );
}

/** The 32 raw bytes of a digest. */
export function digestBytes(digest: Digest): Uint8Array {
  const digits = parseDigest(digest).slice("sha256:".length);
  return Uint8Array.from({ length: 32 }, (_, index) => Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16));
}
