import { sha256 } from "@graft/digest";
import { GraftError } from "@graft/error";
import { canonicalJson } from "@graft/format";
import { fromBase64Url, toBase64Url } from "./base64url.ts";

/** An Ed25519 public key: 32 raw bytes in base64url, and an id that follows from them. */
export interface VerifyingKey {
  readonly id: string;
  readonly key: string;
}

/** A signature over the canonical JSON of a statement, base64url, and the id of its key. */
export interface Signature {
  readonly key: string;
  readonly signature: string;
}

/** A key that can sign; its secret stays inside. */
export interface SigningKey {
  readonly public: VerifyingKey;
  sign(statement: object): Promise<Signature>;
  /** The 64 raw bytes of a signature over bytes. */
  signBytes(bytes: Uint8Array): Promise<Uint8Array>;
}

/** The id of a raw public key: the first 16 hex digits of its sha256. */
async function keyId(raw: Uint8Array): Promise<string> {
  return (await sha256(raw)).slice("sha256:".length, "sha256:".length + 16);
}

/** A new secret: an Ed25519 key as PKCS #8, base64url. Whoever has it signs. */
export async function createSecretKey(): Promise<string> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new GraftError("INTERNAL", "Cannot make a key: the platform gave no pair");
  return toBase64Url(new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)));
}

/** Opens a secret made by createSecretKey; NAME_INVALID when it is none. */
export async function openSigningKey(secret: string): Promise<SigningKey> {
  const privateKey = await importPrivate(secret);
  const { x } = await crypto.subtle.exportKey("jwk", privateKey);
  if (x === undefined) throw new GraftError("NAME_INVALID", "Cannot open the signing key: it has no public half");
  const id = await keyId(fromBase64Url(x));
  const signBytes = async (bytes: Uint8Array): Promise<Uint8Array> =>
    new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, bytes as Uint8Array<ArrayBuffer>));
  return {
    public: { id, key: x },
    signBytes,
    sign: async (statement) => ({
      key: id,
      signature: toBase64Url(await signBytes(new TextEncoder().encode(canonicalJson(statement)))),
    }),
  };
}

/** A public key as it is written, with the id that follows from it; NAME_INVALID when it is none. */
export async function openVerifyingKey(text: string): Promise<VerifyingKey> {
  const raw = fromBase64Url(text.trim());
  if (raw.length !== 32) throw new GraftError("NAME_INVALID", `Cannot read the public key: it has ${raw.length} bytes, want 32`);
  return { id: await keyId(raw), key: toBase64Url(raw) };
}

/** Whether a key signed these bytes; an id that does not follow from its key, which could stand for any key, signed nothing. */
export async function isSignedBy(key: VerifyingKey, signature: Uint8Array, bytes: Uint8Array): Promise<boolean> {
  try {
    const raw = fromBase64Url(key.key);
    if ((await keyId(raw)) !== key.id) return false;
    const publicKey = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", publicKey, signature as Uint8Array<ArrayBuffer>, bytes as Uint8Array<ArrayBuffer>);
  } catch {
    return false;
  }
}

async function importPrivate(secret: string): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey("pkcs8", fromBase64Url(secret.trim()), "Ed25519", true, ["sign"]);
  } catch (cause) {
    throw new GraftError("NAME_INVALID", "Cannot open the signing key: it is no Ed25519 key in PKCS #8", { cause });
  }
}
