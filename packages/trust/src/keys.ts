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
}

/** The id of a raw public key: the first 16 hex digits of its sha256. */
export async function keyId(raw: Uint8Array): Promise<string> {
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
  return {
    public: { id, key: x },
    sign: async (statement) => {
      const bytes = new TextEncoder().encode(canonicalJson(statement));
      return { key: id, signature: toBase64Url(new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, bytes))) };
    },
  };
}

async function importPrivate(secret: string): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey("pkcs8", fromBase64Url(secret.trim()), "Ed25519", true, ["sign"]);
  } catch (cause) {
    throw new GraftError("NAME_INVALID", "Cannot open the signing key: it is no Ed25519 key in PKCS #8", { cause });
  }
}
