import { createHash, createPublicKey } from "node:crypto";
import { createRequire } from "node:module";
import { createSecretKey, firstKeys, inclusionProof, noteVerifier, openHead, openSigningKey, signHead, treeRoot } from "@graft/trust";
import type * as Checkpoint from "@sigstore/verify/dist/tlog/checkpoint.js";
import type * as Merkle from "@sigstore/verify/dist/tlog/merkle.js";
import { expect, test } from "vitest";
import { aLog, numbered } from "./a-log.ts";

const time = Date.parse("2026-06-01T12:00:00Z");
const aHead = async () => {
  const key = await openSigningKey(await createSecretKey());
  const { origin } = firstKeys(key.public);
  const leaves = numbered(300);
  const log = await aLog(leaves);
  const head = { origin, size: 300, root: await treeRoot(300, log), time };
  return { key, head, log, leaves, note: await signHead(head, key) };
};

test("a signed head opens with the key that signed it, and says which", async () => {
  const { key, head, note } = await aHead();
  expect(await openHead(note, [key.public])).toEqual({ ...head, key: key.public });
});

test("a head that was changed, or that another key signed, is refused", async () => {
  const { key, note } = await aHead();
  const stranger = await openSigningKey(await createSecretKey());
  const refused = { code: "SIGNATURE_INVALID" };
  await expect(openHead(note, [stranger.public])).rejects.toMatchObject(refused);
  await expect(openHead(note.replace("\n300\n", "\n299\n"), [key.public])).rejects.toMatchObject(refused);
  await expect(openHead(note.replace(/time \d+/, "time 1"), [key.public])).rejects.toMatchObject(refused);
  await expect(openHead(note.replaceAll("graft/", "other/"), [key.public])).rejects.toMatchObject(refused);
  await expect(openHead(note.slice(0, note.indexOf("—")), [key.public])).rejects.toMatchObject(refused);
  for (const text of ["", "graft", note.slice(0, 20), note.replace("300", "0300"), note.replace(/time \d+\n/, ""), "\n".repeat(20_000)])
    await expect(openHead(text, [key.public])).rejects.toMatchObject({ code: expect.stringMatching(/LOG_INVALID|SIGNATURE_INVALID/) });
});

test("sigstore reads our heads as checkpoints of a public log, and accepts our audit paths under them", async () => {
  const { key, head, log, leaves, note } = await aHead();
  const load = createRequire(import.meta.url);
  const { verifyCheckpoint } = load("@sigstore/verify/dist/tlog/checkpoint.js") as typeof Checkpoint;
  const { verifyMerkleInclusion } = load("@sigstore/verify/dist/tlog/merkle.js") as typeof Merkle;
  const raw = Buffer.from(key.public.key, "base64url");
  const logID = createHash("sha256")
    .update(`${head.origin}\n`)
    .update(Buffer.from([1]))
    .update(raw)
    .digest();
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: key.public.key }, format: "jwk" });
  const trusted = [{ logID, publicKey, baseURL: head.origin, validFor: { start: new Date(0), end: new Date(2e12) } }];
  for (const position of [0, 7, 255, 256, 299]) {
    const entry = {
      canonicalizedBody: Buffer.from(leaves[position] as Uint8Array),
      inclusionProof: {
        logIndex: String(position),
        treeSize: "300",
        rootHash: Buffer.from(head.root),
        hashes: (await inclusionProof(position, 300, log)).map((hash) => Buffer.from(hash)),
        checkpoint: { envelope: note },
      },
    } as unknown as Parameters<typeof verifyCheckpoint>[0];
    const checkpoint = verifyCheckpoint(entry, trusted as unknown as Parameters<typeof verifyCheckpoint>[1]);
    expect(Number(checkpoint.logSize)).toBe(300);
    expect(() => verifyMerkleInclusion(entry as Parameters<typeof verifyMerkleInclusion>[0], checkpoint)).not.toThrow();
  }
  expect(await noteVerifier(head.origin, key.public)).toMatch(new RegExp(`^${head.origin}\\+${logID.subarray(0, 4).toString("hex")}\\+`));
});
