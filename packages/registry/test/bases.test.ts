import { afterEach, beforeEach, expect, test } from "vitest";
import { aRegistry, type TestRegistry } from "./a-registry.ts";
import { aBase, digestOf, publishTo } from "./an-adapter.ts";

let registry: TestRegistry;
beforeEach(async () => {
  registry = await aRegistry();
});
afterEach(() => registry.close());

const base = aBase("tiny", 3);
const url = `/v1/bases/${base.fingerprint}`;

test("a base is registered once, and more files of it are added", async () => {
  const put = async (body: object) => (await (await registry.send("PUT", url, { body })).json()) as { status: string };
  expect(await put(base)).toMatchObject({ status: "created", base: { name: "tiny", matrixCount: 3 } });
  expect(await put(base)).toMatchObject({ status: "exists" });
  const onnx = { name: "model.onnx", digest: digestOf("onnx"), size: 7 };
  expect(await put({ ...base, name: "renamed", files: [onnx] })).toMatchObject({ status: "extended", base: { name: "tiny" } });
  const record = await (await registry.send("GET", url, { token: null })).json();
  expect(record).toMatchObject({ ...base, files: [...base.files, onnx].sort((a, b) => (a.name < b.name ? -1 : 1)) });
});

test("a fingerprint that does not follow from the matrices is refused", async () => {
  const other = aBase("other").fingerprint;
  for (const [path, body] of [
    [`/v1/bases/${other}`, base],
    [`/v1/bases/${other}`, { ...base, fingerprint: other }],
    [url, { ...base, matrices: base.matrices.slice(1) }],
  ] as const) {
    const response = await registry.send("PUT", path, { body });
    expect(await response.json()).toMatchObject({ error: { code: "DIGEST_MISMATCH" } });
  }
  expect((await registry.send("GET", url)).status).toBe(404);
});

test("a variant names the base it was made from, which lists it and whose adapters it is offered", async () => {
  const send = async (method: string, path: string, body?: object) => {
    const response = await registry.send(method, path, body === undefined ? {} : { body });
    return { status: response.status, ...((await response.json()) as object) };
  };
  const derivedFrom = { base: base.fingerprint, tool: "quantiser 1.0", difference: { metric: "weights", value: 0.004 } };
  // The same modules and shapes, other weights.
  const int8 = { ...aBase("tiny-int8", 3), source: "acme/tiny-int8", license: "MIT", derivedFrom };
  const path = `/v1/bases/${int8.fingerprint}`;
  expect(await send("PUT", path, int8)).toMatchObject({ status: 422, error: { code: "BASE_UNKNOWN" } });
  await publishTo(registry, { base });
  expect(await send("PUT", path, { ...int8, derivedFrom: { ...derivedFrom, base: int8.fingerprint } })).toMatchObject({ status: 400 });
  expect(await send("PUT", path, int8)).toMatchObject({ status: "created", base: { derivedFrom, license: "MIT" } });
  expect(await send("GET", path)).toMatchObject({ source: "acme/tiny-int8", derivedFrom, variants: [] });
  expect(await send("GET", url)).toMatchObject({ variants: [{ name: "tiny-int8", derivedFrom }] });
  const other = aBase("unrelated", 3);
  await registry.send("PUT", `/v1/bases/${other.fingerprint}`, { body: other });
  expect(await send("POST", "/v1/find", { fingerprint: int8.fingerprint })).toMatchObject({
    base: { name: "tiny-int8" },
    matches: [{ name: "@acme/spam", fit: "variant", missing: [] }],
    similar: [
      { name: "tiny", adapterCount: 1 },
      { name: "unrelated", adapterCount: 0 },
    ],
  });
});

test("files are added to a base by those who registered it", async () => {
  await registry.send("PUT", url, { body: base });
  const { token } = (await (
    await registry.send("POST", "/v1/tokens", { body: { label: "x", names: ["@acme/*"], actions: ["publish"] } })
  ).json()) as { token: string };
  const file = { name: "model.onnx", digest: digestOf("onnx"), size: 7 };
  expect((await registry.send("PUT", url, { body: { ...base, files: [file] }, token })).status).toBe(403);
  expect((await registry.send("PUT", url, { body: base, token })).status).toBe(200);
});

test("bases are listed by name, in pages", async () => {
  for (const name of ["c", "a", "b"]) {
    const each = aBase(name);
    await registry.send("PUT", `/v1/bases/${each.fingerprint}`, { body: each });
  }
  const list = async (query: string) =>
    (await (await registry.send("GET", `/v1/bases?${query}`)).json()) as { bases: { name: string }[]; next?: string };
  const first = await list("limit=2");
  expect(first.bases.map(({ name }) => name)).toEqual(["a", "b"]);
  expect((await list(`limit=2&cursor=${first.next}`)).bases.map(({ name }) => name)).toEqual(["c"]);
  expect((await list("name=b")).bases.map(({ name }) => name)).toEqual(["b"]);
});
