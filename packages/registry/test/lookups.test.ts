import { DigestRecord, FindResponse } from "@graft/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aRegistry, type TestRegistry } from "./a-registry.ts";
import { aBase, anAdapter, digestOf, publishTo } from "./an-adapter.ts";

let registry: TestRegistry;
beforeEach(async () => {
  registry = await aRegistry();
});
afterEach(() => registry.close());

const find = async (body: object): Promise<FindResponse> =>
  FindResponse.parse(await (await registry.send("POST", "/v1/find", { body, token: null })).json());
const fits = (response: FindResponse) =>
  response.matches.map(({ name, version, fit, present, targets }) => [name, version, fit, `${present}/${targets}`]);

test("adapters are found by the file, the fingerprint, or the matrices at hand, best fit first", async () => {
  const [tiny, big] = [aBase("tiny"), aBase("big", 4)];
  // A base that shares its first matrix with tiny.
  const [shared] = tiny.matrices;
  await publishTo(registry, { name: "@acme/a-tiny", base: tiny });
  await publishTo(registry, { name: "@acme/a-tiny", base: tiny, version: "1.1.0" });
  await publishTo(registry, { name: "@acme/a-tiny", base: tiny, version: "2.0.0-rc.1" });
  await publishTo(registry, { name: "@acme/b-first", base: tiny, modules: ["encoder.layer.0.query"] });
  await publishTo(registry, { name: "@acme/c-big", base: big });

  const byFile = await find({ fileDigest: digestOf("tiny file") });
  expect(fits(byFile)).toEqual([
    ["@acme/a-tiny", "1.1.0", "file", "2/2"],
    ["@acme/b-first", "1.0.0", "file", "1/1"],
  ]);
  expect(byFile.base).toMatchObject({ name: "tiny", fingerprint: tiny.fingerprint, matrixCount: 2 });
  expect(fits(await find({ fingerprint: big.fingerprint }))).toEqual([["@acme/c-big", "1.0.0", "fingerprint", "4/4"]]);
  expect(fits(await find({ matrices: tiny.matrices.map(({ digest }) => digest) }))).toEqual([
    ["@acme/a-tiny", "1.1.0", "fingerprint", "2/2"],
    ["@acme/b-first", "1.0.0", "fingerprint", "1/1"],
  ]);
  const part = await find({ matrices: [shared?.digest, big.matrices[2]?.digest, digestOf("unknown")] });
  expect(fits(part)).toEqual([
    ["@acme/b-first", "1.0.0", "targets", "1/1"],
    ["@acme/a-tiny", "1.1.0", "partial", "1/2"],
    ["@acme/c-big", "1.0.0", "partial", "1/4"],
  ]);
  expect(part.matches[1]?.missing).toEqual(["encoder.layer.1.query"]);
  expect(fits(await find({ fileDigest: digestOf("nobody knows") }))).toEqual([]);
  expect((await registry.send("POST", "/v1/find", { body: {} })).status).toBe(400);

  const pages: unknown[] = [];
  const everything = [...tiny.matrices, ...big.matrices.slice(1)].map(({ digest }) => digest);
  for (let cursor: string | undefined, page = 0; page < 5; page++) {
    const found = await find({ matrices: everything, limit: 1, ...(cursor === undefined ? {} : { cursor }) });
    pages.push(...fits(found).map(([name, , fit]) => [name, fit]));
    cursor = found.next;
    if (cursor === undefined) break;
  }
  expect(pages).toEqual([
    ["@acme/a-tiny", "targets"],
    ["@acme/b-first", "targets"],
    ["@acme/c-big", "partial"],
  ]);
});

test("a file's digest says which version or base it is, and equal tensors are seen as equal", async () => {
  await publishTo(registry, { name: "@acme/one" });
  await publishTo(registry, { name: "@acme/two" });
  const { request } = await anAdapter({ name: "@acme/one" });
  const lookUp = async (digest: string) =>
    DigestRecord.parse(await (await registry.send("GET", `/v1/digests/${digest}`, { token: null })).json());
  expect((await lookUp(request.digest)).versions).toMatchObject([{ name: "@acme/one", version: "1.0.0", of: "file" }]);
  expect((await lookUp(request.tensorsDigest)).versions).toMatchObject([
    { name: "@acme/one", of: "tensors" },
    { name: "@acme/two", of: "tensors" },
  ]);
  expect((await lookUp(digestOf("tiny file"))).bases).toMatchObject([{ name: "tiny", file: "model.safetensors" }]);
  expect(await lookUp(digestOf("nothing"))).toMatchObject({ versions: [], bases: [] });
});

test("no list is longer than its bound, and no cursor breaks the registry", async () => {
  await publishTo(registry);
  for (const query of [
    "limit=1000000000",
    "limit=-1",
    "limit=NaN",
    "limit=0",
    "limit=1e3",
    `cursor=${"x".repeat(1000)}`,
    "cursor=%00",
    "cursor=!!",
  ]) {
    for (const path of ["search", "bases", "adapters/acme/spam", "tokens"]) {
      const response = await registry.send("GET", `/v1/${path}?${query}`);
      expect([path, query, response.status]).toEqual([path, query, 400]);
    }
  }
  expect((await registry.send("GET", "/v1/adapters/acme/spam?cursor=Zm9v")).status).toBe(200);
  expect(registry.faults).toEqual([]);
});

test("versions are listed newest first, a page at a time", async () => {
  for (const version of ["1.0.0", "1.10.0", "1.9.0", "2.0.0-alpha.1", "2.0.0-alpha"]) await publishTo(registry, { version });
  const list = async (query: string) =>
    (await (await registry.send("GET", `/v1/adapters/acme/spam?${query}`)).json()) as { versions: { version: string }[]; next?: string };
  const first = await list("limit=3");
  expect(first.versions.map(({ version }) => version)).toEqual(["2.0.0-alpha.1", "2.0.0-alpha", "1.10.0"]);
  const second = await list(`limit=3&cursor=${first.next}`);
  expect([second.versions.map(({ version }) => version), second.next]).toEqual([["1.9.0", "1.0.0"], undefined]);
});
