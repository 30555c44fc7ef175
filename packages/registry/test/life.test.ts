import { createHash } from "node:crypto";
import { VersionRecord } from "@graft/protocol";
import { verifyStatement } from "@graft/trust";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aRegistry, type TestRegistry } from "./a-registry.ts";
import { aBase, anAdapter, publishTo } from "./an-adapter.ts";

let now = new Date("2026-03-01T00:00:00.000Z");
let registry: TestRegistry;
beforeEach(async () => {
  now = new Date("2026-03-01T00:00:00.000Z");
  registry = await aRegistry({ clock: () => now });
});
afterEach(() => registry.close());

const SPAM = "/v1/adapters/acme/spam";
const sha256 = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** A request's status and body. */
async function send(method: string, path: string, body?: unknown, token?: string | null) {
  const response = await registry.send(method, path, {
    ...(body === undefined ? {} : { body }),
    ...(token === undefined ? {} : { token }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as never };
}

/** Uploads a text and says what it is beside an adapter. */
async function upload(path: string, text: string | Uint8Array) {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const digest = sha256(bytes);
  await registry.send("PUT", `/v1/blobs/${digest}`, { body: bytes });
  return { path, digest, size: bytes.length };
}

/** What publishes version `version` with files beside it. */
async function prepared(version: string, files: readonly object[] = []) {
  await registry.send("PUT", `/v1/bases/${aBase().fingerprint}`, { body: aBase() });
  const { bytes, path, request } = await anAdapter({ version });
  await registry.send("PUT", `/v1/blobs/${request.digest}`, { body: bytes });
  return { path, request: { ...request, ...(files.length === 0 ? {} : { files }) } };
}

describe("files beside an adapter", () => {
  test("a README and an evaluation are part of the version: signed, given to all who may read it, and never changed", async () => {
    const readme = await upload("README.md", "# Spam\n\nFinds it.\n");
    const evaluation = await upload("evaluation.json", JSON.stringify({ rows: 100, accuracy: 0.97, mode: "attach" }));
    const { path, request } = await prepared("1.0.0", [evaluation, readme]);
    expect((await send("GET", `/v1/blobs/${readme.digest}`, undefined, null)).status).toBe(404);
    expect((await send("PUT", path, request)).status).toBe(201);
    const record = VersionRecord.parse((await send("GET", path, undefined, null)).body);
    expect(record.files).toEqual([readme, evaluation]);
    expect(record.statement.files).toEqual({ "README.md": readme.digest, "evaluation.json": evaluation.digest });
    await verifyStatement(record.statement, { signatures: record.signatures, keys: [registry.key.public] });
    const got = await registry.send("GET", `/v1/blobs/${readme.digest}`, { token: null });
    expect(await got.text()).toBe("# Spam\n\nFinds it.\n");
    expect((await send("PUT", path, request)).status).toBe(200);
    expect(await send("PUT", path, { ...request, files: [readme] })).toMatchObject({
      status: 409,
      body: { error: { code: "VERSION_TAKEN" } },
    });
  });

  const text = (bytes: number[]) => Uint8Array.from(bytes);
  test.each([
    ["README.md", "#!/bin/sh\nrm -rf /\n", "ADAPTER_INVALID"],
    ["README.md", text([0x7f, 0x45, 0x4c, 0x46, 1, 1]), "ADAPTER_INVALID"],
    ["README.md", text([0x80, 4, 0x95]), "ADAPTER_INVALID"],
    ["README.md", text([0xff, 0xfe, 0x41]), "ADAPTER_INVALID"],
    ["README.md", "x".repeat(512 * 1024 + 1), "LIMIT_EXCEEDED"],
    ["evaluation.json", "accuracy: 0.97", "ADAPTER_INVALID"],
    ["evaluation.json", '{"accuracy":0.97}', "ADAPTER_INVALID"],
    ["evaluation.json", '{"rows":10,"accuracy":{"nested":1}}', "ADAPTER_INVALID"],
    ["training_args.bin", "anything", "USAGE"],
  ])("%s that is none is refused: %#", async (path, content, code) => {
    const file = await upload(path, content);
    const { path: url, request } = await prepared("1.0.0", [file]);
    expect((await send("PUT", url, request)).body).toMatchObject({ error: { code } });
    expect((await send("GET", SPAM)).status).toBe(404);
  });
});

describe("deprecation", () => {
  test("a message stands on every version of a range, until it is taken back", async () => {
    for (const version of ["1.0.0", "1.1.0-rc.1", "2.0.0"]) await publishTo(registry, { version });
    const deprecate = (range: string, message: string | null, token?: string) =>
      send("PUT", `${SPAM}/deprecation`, { range, message }, token);
    expect(await deprecate("<2", "use 2")).toMatchObject({
      status: 200,
      body: { versions: expect.arrayContaining(["1.0.0", "1.1.0-rc.1"]) },
    });
    expect((await send("GET", `${SPAM}/resolve?range=^1`, undefined, null)).body).toMatchObject({ version: "1.0.0", deprecated: "use 2" });
    expect((await send("GET", SPAM)).body).toMatchObject({
      versions: [{ version: "2.0.0" }, { deprecated: "use 2" }, { deprecated: "use 2" }],
    });
    expect((await deprecate("1.0.0", null)).body).toEqual({ versions: ["1.0.0"] });
    expect((await send("GET", `${SPAM}/versions/1.0.0`)).body).not.toHaveProperty("deprecated");
    expect(await deprecate("^7", "no such")).toMatchObject({ status: 404 });
    expect(await deprecate("*", "red\u001b[31m")).toMatchObject({ status: 400 });
  });
});

describe("withdrawal", () => {
  test("within 72 hours a version is taken back, and its number stays taken for ever", async () => {
    await publishTo(registry, { version: "1.0.0" });
    await publishTo(registry, { version: "1.1.0" });
    const { digest } = (await anAdapter({ version: "1.1.0" })).request;
    now = new Date(now.getTime() + 71 * 3_600_000);
    expect(await send("DELETE", `${SPAM}/versions/1.1.0?reason=leaks%20names`)).toMatchObject({
      status: 200,
      body: { tags: { latest: "1.0.0" } },
    });
    expect(await send("GET", `${SPAM}/versions/1.1.0`, undefined, null)).toMatchObject({
      status: 410,
      body: { error: { code: "WITHDRAWN", message: expect.stringContaining("leaks names") } },
    });
    expect((await send("GET", `/v1/blobs/${digest}`, undefined, null)).status).toBe(404);
    expect((await send("GET", `${SPAM}/resolve?range=^1`)).body).toMatchObject({ version: "1.0.0" });
    expect(await send("GET", `${SPAM}/resolve?range=1.1.0`)).toMatchObject({ status: 410, body: { error: { code: "WITHDRAWN" } } });
    expect(await send("DELETE", `${SPAM}/versions/1.1.0`)).toMatchObject({ status: 410 });
    expect((await (await publishTo(registry, { version: "1.1.0" })).json()) as object).toMatchObject({ error: { code: "WITHDRAWN" } });
    expect((await (await publishTo(registry, { version: "1.1.0", value: 0.25 })).json()) as object).toMatchObject({
      error: { code: "VERSION_TAKEN" },
    });
    expect(await send("DELETE", `${SPAM}/versions/9.0.0`)).toMatchObject({ status: 404 });
  });

  test("later it is refused while somebody depends on it", async () => {
    await publishTo(registry, { version: "1.0.0" });
    await publishTo(registry, { version: "1.1.0" });
    const { digest } = (await anAdapter({ version: "1.0.0" })).request;
    await registry.metadata.downloads.add("2026-03-01", new Map([[digest, 1]]));
    now = new Date(now.getTime() + 73 * 3_600_000);
    expect(await send("DELETE", `${SPAM}/versions/1.0.0`)).toMatchObject({ status: 409, body: { error: { code: "STILL_NEEDED" } } });
    expect(await send("DELETE", `${SPAM}/versions/1.1.0`)).toMatchObject({ status: 200 });
    now = new Date(now.getTime() + 200 * 24 * 3_600_000);
    expect(await send("DELETE", `${SPAM}/versions/1.0.0`)).toMatchObject({ status: 200 });
  });
});

describe("staging", () => {
  test("a staged version was checked, is seen by nobody, and is published as of its approval", async () => {
    const { path, request } = await prepared("1.0.0", [await upload("README.md", "# Spam\n")]);
    const staged = path.replace("/versions/", "/staged/");
    expect(await send("PUT", staged, { ...request, tag: "next" })).toMatchObject({
      status: 201,
      body: { staged: { version: "1.0.0", tag: "next" }, deltas: [{ module: "encoder.layer.0.query" }, {}] },
    });
    expect((await send("GET", path)).status).toBe(404);
    expect((await send("GET", `/v1/blobs/${request.digest}`, undefined, null)).status).toBe(404);
    expect((await send("GET", "/v1/staged", undefined, null)).status).toBe(401);
    expect((await send("GET", "/v1/staged")).body).toMatchObject({
      staged: [{ name: "@acme/spam", version: "1.0.0", digest: request.digest }],
    });
    now = new Date("2026-03-05T00:00:00.000Z");
    expect(await send("POST", `${staged}/approval`)).toMatchObject({
      status: 201,
      body: { status: "created", version: { publishedAt: now.toISOString(), tags: ["next"], files: [{ path: "README.md" }] } },
    });
    const record = VersionRecord.parse((await send("GET", path, undefined, null)).body);
    await verifyStatement(record.statement, { signatures: record.signatures, keys: [registry.key.public] });
    expect((await send("GET", "/v1/staged")).body).toEqual({ staged: [] });
    expect((await send("POST", `${staged}/approval`)).status).toBe(404);
    expect(await send("PUT", staged, request)).toMatchObject({ status: 409, body: { error: { code: "VERSION_TAKEN" } } });
  });

  test("what a publish refuses is refused when it is staged, and a stage can be dropped", async () => {
    const { path, request } = await prepared("1.0.0");
    const staged = path.replace("/versions/", "/staged/");
    expect((await send("PUT", staged, { ...request, size: 1 })).body).toMatchObject({ error: { code: "DIGEST_MISMATCH" } });
    await send("PUT", staged, request);
    expect((await send("DELETE", staged)).status).toBe(204);
    expect((await send("DELETE", staged)).status).toBe(404);
    expect((await send("GET", path)).status).toBe(404);
  });

  test("a token sees and approves what it may publish, nothing else", async () => {
    const { path, request } = await prepared("1.0.0");
    const staged = path.replace("/versions/", "/staged/");
    await send("PUT", staged, request);
    const token = async (names: string[], actions: string[]) =>
      ((await send("POST", "/v1/tokens", { label: "x", names, actions })).body as { token: string }).token;
    const [reader, stranger, owner] = [
      await token(["@acme/*"], ["read"]),
      await token(["@other/*"], ["publish"]),
      await token(["@acme/spam"], ["publish"]),
    ];
    for (const other of [reader, stranger]) {
      expect((await send("GET", "/v1/staged", undefined, other)).body).toEqual({ staged: [] });
      expect((await send("POST", `${staged}/approval`, undefined, other)).status).toBe(403);
      expect((await send("DELETE", `${SPAM}/versions/1.0.0`, undefined, other)).status).toBe(403);
      expect((await send("PUT", `${SPAM}/deprecation`, { range: "*", message: "x" }, other)).status).toBe(403);
    }
    expect((await send("POST", `${staged}/approval`, undefined, owner)).status).toBe(201);
  });
});
