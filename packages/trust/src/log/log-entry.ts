import { sha256 } from "@graft/digest";
import { GraftError } from "@graft/error";
import { canonicalJson } from "@graft/format";
import { type Hash, leafHash } from "./merkle.ts";

/** One change of a registry, as its log tells it. What a kind needs beside its name stands in the protocol's text. */
export interface LogEntry {
  readonly kind: "publish" | "tag" | "deprecate" | "withdraw" | "key";
  readonly [field: string]: unknown;
}

/** An entry as it is kept: its JSON text, and for an adapter that is not public a salt of 32 hex digits. */
export interface KeptEntry {
  readonly text: string;
  readonly salt?: string | undefined;
}

/**
 * The bytes that stand in the tree: the text itself, or, where names are secret, only a commitment to it, which nobody can guess
 * without the salt: `{"commitment":"sha256:…"}`.
 */
export async function leafOf({ text, salt }: KeptEntry): Promise<Uint8Array<ArrayBuffer>> {
  if (salt === undefined) return new TextEncoder().encode(text);
  const commitment = await sha256(new TextEncoder().encode(canonicalJson({ salt, text })));
  return new TextEncoder().encode(canonicalJson({ commitment }));
}

/** Hash of the leaf of an entry. */
export async function entryHash(entry: KeptEntry): Promise<Hash> {
  return leafHash(await leafOf(entry));
}

/** Reads the text of an entry; LOG_INVALID when it is none. */
export function parseEntry(text: string): LogEntry {
  try {
    const entry: unknown = JSON.parse(text);
    if (typeof entry === "object" && entry !== null && "kind" in entry && typeof entry.kind === "string") return entry as LogEntry;
  } catch {
    // Said below.
  }
  throw new GraftError("LOG_INVALID", "Cannot read the entry of the log: it is no JSON object with a kind");
}
