import { KeyList, LogHead, VersionProof } from "@graft/protocol";
import {
  checkHead,
  firstKeys,
  fromBase64,
  HEAD_LIFETIME,
  inclusionProof,
  isIncluded,
  leafHash,
  openHead,
  splitLeaves,
  tilePath,
  tileReader,
  treeRoot,
} from "@graft/trust";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aRegistry, type TestRegistry } from "./a-registry.ts";
import { aBase, anAdapter, publishTo } from "./an-adapter.ts";

let registry: TestRegistry;
beforeEach(async () => {
  registry = await aRegistry();
});
afterEach(() => registry.close());

const get = async (path: string, token: string | null = null): Promise<Response> => registry.send("GET", path, { token });
const bytes = async (path: string): Promise<Uint8Array> => new Uint8Array(await (await get(path)).arrayBuffer());

/** Adds entries by moving a tag to and fro. */
async function grow(count: number): Promise<void> {
  for (let index = 0; index < count; index++)
    await registry.metadata.versions.setTag("@acme/spam", "stable", { version: "1.0.0", at: "2026-06-01T00:00:00.000Z" });
}

test("the tree that the tiles hold is the one that the signed head names, and its leaves are the changes", async () => {
  await publishTo(registry);
  await grow(299);
  const note = await (await get("/v1/log/checkpoint")).text();
  const head = await openHead(note, [registry.key.public]);
  expect(head).toMatchObject({ origin: firstKeys(registry.key.public).origin, size: 301 });
  const read = tileReader(head.size, ({ level, index, width }) => bytes(`/v1/log/${tilePath({ level, index, width })}`));
  expect(await treeRoot(head.size, read)).toEqual(head.root);
  const leaves = [...splitLeaves(await bytes("/v1/log/tile/entries/000")), ...splitLeaves(await bytes("/v1/log/tile/entries/001.p/45"))];
  expect(leaves).toHaveLength(301);
  expect(JSON.parse(new TextDecoder().decode(leaves[0]))).toMatchObject({ kind: "publish", name: "@acme/spam", version: "1.0.0" });
  for (const position of [0, 255, 256, 300]) {
    const leaf = { position, hash: await leafHash(leaves[position] as Uint8Array) };
    expect(await isIncluded(leaf, await inclusionProof(position, head.size, read), head)).toBe(true);
  }
});

test("tiles that are not there, or not there yet, are not found", async () => {
  await publishTo(registry);
  for (const path of [
    "tile/0/000",
    "tile/0/000.p/3",
    "tile/1/000.p/1",
    "tile/0/001.p/1",
    "tile/entries/000",
    "tile/0/../../keys",
    "tile/9999/000",
  ])
    expect((await get(`/v1/log/${path}`)).status).toBe(404);
  expect((await bytes("/v1/log/tile/0/000.p/2")).length).toBe(64);
});

test("a head goes on from every head before it, and is signed anew when it gets old", async () => {
  let now = Date.parse("2026-06-01T00:00:00Z");
  await registry.close();
  registry = await aRegistry({ clock: () => new Date(now) });
  await publishTo(registry);
  const keys = firstKeys(registry.key.public);
  const checks = { keys, now, lifetime: HEAD_LIFETIME };
  const first = await checkHead(LogHead.parse(await (await get("/v1/log/head")).json()), checks);
  await grow(5);
  now += HEAD_LIFETIME * 2;
  const shown = LogHead.parse(await (await get(`/v1/log/head?since=${first.size}`)).json());
  expect(await checkHead(shown, { ...checks, now, remembered: first })).toMatchObject({ size: 7, time: now });
  expect(LogHead.parse(await (await get("/v1/log/head?since=9000")).json())).not.toHaveProperty("consistency");
  expect((await get("/v1/log/head?since=-1")).status).toBe(400);
});

test("an entry about a private adapter tells strangers nothing, and proves itself to those who may read it", async () => {
  const base = aBase();
  await registry.send("PUT", `/v1/bases/${base.fingerprint}`, { body: base });
  const { bytes: file, path, request } = await anAdapter({ name: "@acme/secret", base });
  await registry.send("PUT", `/v1/blobs/${request.digest}`, { body: file });
  expect((await registry.send("PUT", path, { body: { ...request, access: "private" } })).status).toBe(201);
  const leaves = splitLeaves(await bytes("/v1/log/tile/entries/000.p/2")).map((leaf) => new TextDecoder().decode(leaf));
  for (const leaf of leaves) expect(leaf).toMatch(/^\{"commitment":"sha256:[0-9a-f]{64}"\}$/);
  expect((await get(`${path}/proof?wanted=latest`)).status).toBe(404);
  const proof = VersionProof.parse(await (await get(`${path}/proof?wanted=latest`, registry.token)).json());
  expect(proof.entry.salt).toMatch(/^[0-9a-f]{32}$/);
  expect(proof.entry.text).toContain("@acme/secret");
});

test("a proof is of the head it comes with while others write", async () => {
  await publishTo(registry);
  const writing = grow(60);
  const proofs = await Promise.all(
    Array.from({ length: 30 }, async () =>
      VersionProof.parse(await (await get("/v1/adapters/acme/spam/versions/1.0.0/proof?wanted=stable")).json().catch(() => ({}))),
    ),
  ).catch(() => []);
  await writing;
  for (const { checkpoint, resolution } of proofs) {
    const head = await openHead(checkpoint, [registry.key.public]);
    expect(resolution?.statement.size).toBe(head.size);
  }
  const last = VersionProof.parse(await (await get("/v1/adapters/acme/spam/versions/1.0.0/proof?wanted=stable&since=1")).json());
  expect(last).toMatchObject({ resolution: { statement: { wanted: "stable", version: "1.0.0", size: 62 } }, consistency: { from: 1 } });
});

test("an author's signature is kept beside the registry's and named in the log; one that proves nothing is refused", async () => {
  const { createSecretKey, openSigningKey, versionStatement } = await import("@graft/trust");
  const author = await openSigningKey(await createSecretKey());
  const base = aBase();
  await registry.send("PUT", `/v1/bases/${base.fingerprint}`, { body: base });
  const { bytes: file, path, request } = await anAdapter({ base });
  await registry.send("PUT", `/v1/blobs/${request.digest}`, { body: file });
  const statement = versionStatement({ name: "@acme/spam", version: "1.0.0", digest: request.digest, base: base.fingerprint });
  const signed = { ...(await author.sign(statement)), publicKey: author.public.key };
  const other = { ...(await author.sign({ ...statement, version: "1.0.1" })), publicKey: author.public.key };
  expect(await (await registry.send("PUT", path, { body: { ...request, author: other } })).json()).toMatchObject({
    error: { code: "SIGNATURE_INVALID" },
  });
  const published = await registry.send("PUT", path, { body: { ...request, author: signed } });
  expect(await published.json()).toMatchObject({ version: { signatures: [{ key: registry.key.public.id }, signed] } });
  const [entry] = await registry.metadata.log.entries({ begin: 0, end: 1 });
  expect(JSON.parse(entry?.text ?? "{}")).toMatchObject({ author: author.public.key });
});

test("keys are listed with what is needed to check them", async () => {
  const { keys, rotations } = KeyList.parse(await (await get("/v1/keys")).json());
  expect(keys).toEqual([{ ...registry.key.public, algorithm: "ed25519", createdAt: "2026-01-01T00:00:00.000Z" }]);
  expect(rotations).toEqual([]);
  expect(fromBase64(Buffer.from(keys[0]?.key ?? "", "base64url").toString("base64"))).toHaveLength(32);
});
