import { createHasher } from "@graft/digest";
import { GraftError } from "@graft/error";
import { fromBase64, toBase64 } from "../base64.ts";
import { fromBase64Url } from "../base64url.ts";
import { isSignedBy, type SigningKey, type VerifyingKey } from "../keys.ts";
import type { Tree } from "./verify-proof.ts";

/** A tree that a registry stood by at an instant. */
export interface TreeHead extends Tree {
  /** Name of the log: `graft/` and the id of its first key. */
  readonly origin: string;
  /** When it was signed, in milliseconds since 1970. */
  readonly time: number;
}

/** A head whose signature was checked, and the key that made it. */
export interface SignedHead extends TreeHead {
  readonly key: VerifyingKey;
}

const KEY_TYPE_ED25519 = 1;

/**
 * Writes and signs a head as a C2SP checkpoint: origin, size, root, a line `time <seconds>`, a blank line, and the signature of a
 * signed note.
 *
 *     graft/8f14e45fceea167a
 *     2
 *     rzoB8YmrXgUfg6SPBCkRPGkOPKNqrAI4Ggt40qbtVQA=
 *     time 1795600000
 *
 *     — graft/8f14e45fceea167a 1pq…
 */
export async function signHead(head: TreeHead, key: SigningKey): Promise<string> {
  const text = `${head.origin}\n${head.size}\n${toBase64(head.root)}\ntime ${Math.floor(head.time / 1000)}\n`;
  const hash = await noteKeyHash(head.origin, key.public);
  const signature = await key.signBytes(new TextEncoder().encode(text));
  return `${text}\n— ${head.origin} ${toBase64(Uint8Array.of(...hash, ...signature))}\n`;
}

/** Reads a head and checks that one of the keys signed it. LOG_INVALID for what is none, SIGNATURE_INVALID. */
export async function openHead(note: string, keys: readonly VerifyingKey[]): Promise<SignedHead> {
  const blank = note.indexOf("\n\n");
  const text = note.slice(0, blank + 1);
  const [origin = "", size = "", root = "", ...extensions] = text.trimEnd().split("\n");
  const time = /^time (\d{1,12})$/.exec(extensions.find((line) => line.startsWith("time ")) ?? "")?.[1];
  if (blank < 0 || note.length > 10_000 || origin === "" || !/^(?:0|[1-9]\d{0,14})$/.test(size) || time === undefined)
    throw new GraftError("LOG_INVALID", "Cannot read the tree head: it is no checkpoint of a Graft log");
  const head: TreeHead = { origin, size: Number(size), root: fromBase64(root), time: Number(time) * 1000 };
  const bytes = new TextEncoder().encode(text);
  for (const line of note
    .slice(blank + 2)
    .split("\n")
    .slice(0, 16)) {
    const encoded = /^— (\S+) (\S+)$/.exec(line);
    if (encoded === null || encoded[1] !== origin) continue;
    const signature = fromBase64(encoded[2] ?? "");
    for (const key of keys) {
      const hash = await noteKeyHash(origin, key);
      if (hash.every((byte, index) => byte === signature[index]) && (await isSignedBy(key, signature.subarray(4), bytes)))
        return { ...head, key };
    }
  }
  throw new GraftError("SIGNATURE_INVALID", "Cannot trust the tree head: no trusted key signed it", {
    hint: "Do not use these bytes; tell whoever runs the registry",
    detail: { origin, trusted: keys.map(({ id }) => id) },
  });
}

/** Public key as tools for signed notes take it: `<name>+<hash>+<key>`. */
export async function noteVerifier(origin: string, key: VerifyingKey): Promise<string> {
  const hash = [...(await noteKeyHash(origin, key))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${origin}+${hash}+${toBase64(Uint8Array.of(KEY_TYPE_ED25519, ...fromBase64Url(key.key)))}`;
}

/** First four bytes of the sha256 of name, newline, type and key (C2SP signed-note). */
async function noteKeyHash(name: string, key: VerifyingKey): Promise<Uint8Array> {
  const hasher = await createHasher();
  hasher.update(new TextEncoder().encode(`${name}\n`));
  hasher.update(Uint8Array.of(KEY_TYPE_ED25519, ...fromBase64Url(key.key)));
  return hasher.digest().subarray(0, 4);
}
