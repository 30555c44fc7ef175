import { GraftError } from "@graft/error";
import { canonicalJson } from "@graft/format";
import { fromBase64Url } from "./base64url.ts";
import { isSignedBy, type Signature, type VerifyingKey } from "./keys.ts";

/** Checks that one of the trusted keys signed a statement, and gives that key. SIGNATURE_INVALID otherwise: no signature is no excuse. */
export async function verifyStatement(
  statement: object,
  { signatures, keys }: { readonly signatures: readonly Signature[]; readonly keys: readonly VerifyingKey[] },
): Promise<VerifyingKey> {
  const bytes = new TextEncoder().encode(canonicalJson(statement));
  for (const { key: id, signature } of signatures) {
    const key = keys.find((candidate) => candidate.id === id);
    if (key !== undefined && (await isSigned(key, signature, bytes))) return key;
  }
  const known = signatures.some(({ key: id }) => keys.some((key) => key.id === id));
  const why = signatures.length === 0 ? "it carries no signature" : known ? "the signature is wrong" : "no trusted key signed it";
  throw new GraftError("SIGNATURE_INVALID", `Cannot trust the statement: ${why}`, {
    hint: "Do not use these bytes; tell whoever runs the registry",
    detail: { signedBy: signatures.map(({ key }) => key), trusted: keys.map(({ id }) => id) },
  });
}

async function isSigned(key: VerifyingKey, signature: string, bytes: Uint8Array): Promise<boolean> {
  try {
    return await isSignedBy(key, fromBase64Url(signature), bytes);
  } catch {
    return false;
  }
}
