import { createPublicKey, verify } from "node:crypto";
import { canonicalJson } from "@graft/format";
import { createSecretKey, openSigningKey, verifyStatement, versionStatement } from "@graft/trust";
import { expect, test } from "vitest";

const digest = `sha256:${"a".repeat(64)}` as const;
const statement = versionStatement({ name: "@acme/spam", version: "1.0.0", digest, base: `sha256:${"b".repeat(64)}` });

test("a statement that a key signed verifies with that key, and Node's own crypto agrees", async () => {
  const key = await openSigningKey(await createSecretKey());
  const signature = await key.sign(statement);
  await expect(verifyStatement(statement, { signatures: [signature], keys: [key.public] })).resolves.toEqual(key.public);
  const other = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: key.public.key }, format: "jwk" });
  expect(verify(null, Buffer.from(canonicalJson(statement)), other, Buffer.from(signature.signature, "base64url"))).toBe(true);
});

test("a secret opened twice is one key, with one signature per statement", async () => {
  const secret = await createSecretKey();
  const [first, second] = [await openSigningKey(secret), await openSigningKey(`${secret}\n`)];
  expect(second.public).toEqual(first.public);
  expect(await second.sign(statement)).toEqual(await first.sign(statement));
});

test("any change of the statement, the signature or the key is refused", async () => {
  const [key, stranger] = [await openSigningKey(await createSecretKey()), await openSigningKey(await createSecretKey())];
  const signature = await key.sign(statement);
  const cases = [
    [{ ...statement, version: "1.0.1" }, { signatures: [signature], keys: [key.public] }, "signature is wrong"],
    [{ ...statement, base: digest }, { signatures: [signature], keys: [key.public] }, "signature is wrong"],
    [statement, { signatures: [], keys: [key.public] }, "no signature"],
    [statement, { signatures: [signature], keys: [stranger.public] }, "no trusted key"],
    [statement, { signatures: [{ ...signature, signature: "AAAA" }], keys: [key.public] }, "signature is wrong"],
    [statement, { signatures: [{ ...signature, signature: "%%%" }], keys: [key.public] }, "signature is wrong"],
    [
      statement,
      { signatures: [await stranger.sign(statement)], keys: [{ id: stranger.public.id, key: key.public.key }] },
      "signature is wrong",
    ],
  ] as const;
  for (const [document, options, why] of cases) {
    await expect(verifyStatement(document, options)).rejects.toMatchObject({
      code: "SIGNATURE_INVALID",
      message: expect.stringContaining(why),
    });
  }
});

test("a secret that is none is refused", async () => {
  await expect(openSigningKey("AAAA")).rejects.toMatchObject({ code: "NAME_INVALID" });
});
