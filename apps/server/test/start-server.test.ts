import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings, startServer } from "@graft/server";
import { afterEach, beforeEach, expect, test } from "vitest";
import { call, publish, squareAdapter, squareBase } from "./a-published-adapter.ts";

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "graft-server-"));
});
afterEach(() => rm(data, { recursive: true }));

const settings = { port: 0, logLevel: "silent" } as const;

test("the first start makes a token that is shown once and that its owner alone can read again", async () => {
  const first = await startServer({ ...settings, data });
  expect((await stat(first.tokenFile)).mode & 0o777).toBe(0o600);
  expect((await readFile(first.tokenFile, "utf8")).trim()).toBe(first.token);
  const key = await (await fetch(`${first.url}/v1/keys`)).json();
  await first.close();
  const second = await startServer({ ...settings, data });
  expect(second.token).toBeUndefined();
  expect(await (await call({ url: second.url, token: first.token ?? "" }, "/v1/whoami")).json()).toMatchObject({
    actions: ["read", "publish", "admin"],
    names: ["*"],
  });
  expect(await (await fetch(`${second.url}/v1/keys`)).json()).toEqual(key);
  await second.close();
});

test("two servers share a folder: of many who publish one version, one wins", async () => {
  const servers = await Promise.all([startServer({ ...settings, data }), startServer({ ...settings, data })]);
  const token = (await readFile(join(data, "admin-token"), "utf8")).trim();
  const base = squareBase(64);
  await call({ url: servers[0].url, token }, `/v1/bases/${base.fingerprint}`, { method: "PUT", body: base });
  const answers = await Promise.all(
    Array.from({ length: 16 }, async (_, index) => {
      const adapter = await squareAdapter(base, { name: "@acme/race", version: "1.0.0", value: index + 1 });
      return (await publish({ url: servers[index % 2]?.url ?? "", token }, adapter)).status;
    }),
  );
  expect(answers.filter((status) => status === 201)).toHaveLength(1);
  expect(answers.filter((status) => status === 409)).toHaveLength(15);
  await Promise.all(servers.map((server) => server.close()));
});

test("a body that is too large is answered while the sender still sends", async () => {
  const server = await startServer({ ...settings, data, blobBytes: 1_000_000 });
  const response = await call({ url: server.url, token: server.token ?? "" }, `/v1/blobs/sha256:${"0".repeat(64)}`, {
    method: "PUT",
    body: new Uint8Array(20_000_000),
  });
  expect([response.status, await response.json()]).toMatchObject([413, { error: { code: "LIMIT_EXCEEDED" } }]);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  await server.close();
});

test("a stopping server finishes what it began", async () => {
  const server = await startServer({ ...settings, data, drainSeconds: 30 });
  const base = squareBase(512);
  const place = { url: server.url, token: server.token ?? "" };
  await call(place, `/v1/bases/${base.fingerprint}`, { method: "PUT", body: base });
  const adapter = await squareAdapter(base, { name: "@acme/late", version: "1.0.0", value: 1 });
  const blob = `/v1/blobs/${adapter.request.digest}`;
  const upload = request(server.url + blob, { method: "PUT", headers: { authorization: `Bearer ${place.token}`, expect: "100-continue" } });
  const answered = once(upload, "response");
  upload.flushHeaders();
  // The server says "continue" when it begins; only then is it told to stop.
  await once(upload, "continue");
  const closing = server.close();
  upload.end(adapter.bytes);
  const [response] = (await answered) as [IncomingMessage];
  expect(response.statusCode).toBe(201);
  response.resume();
  await closing;
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow("fetch failed");
});

test("a connection that sends its headers too slowly is closed", async () => {
  const server = await startServer({ ...settings, data, idleSeconds: 0.3 });
  const { port } = new URL(server.url);
  const started = performance.now();
  const answer = await new Promise<string>((resolve) => {
    let text = "";
    const socket = connect(Number(port), "127.0.0.1", () => socket.write("GET /v1/ping HTTP/1.1\r\nHost: x\r\n"));
    socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
    socket.on("close", () => resolve(text));
  });
  expect(answer).toContain("408");
  expect(performance.now() - started).toBeLessThan(5_000);
  await server.close();
});

test("settings that make no sense are refused by name", () => {
  for (const [variable, value] of [
    ["GRAFT_PORT", "x"],
    ["GRAFT_PORT", "70000"],
    ["GRAFT_LOG_LEVEL", "loud"],
    ["GRAFT_MAX_BLOB_BYTES", "-1"],
    ["GRAFT_HOST", ""],
  ] as const) {
    expect(() => readSettings({ [variable]: value })).toThrow(
      expect.objectContaining({ code: "USAGE", message: expect.stringContaining(variable) }),
    );
  }
  expect(readSettings({ GRAFT_PORT: "0" })).toMatchObject({ port: 0, host: "127.0.0.1" });
});

test("a port that is taken is refused in one line", async () => {
  const server = await startServer({ ...settings, data });
  const port = Number(new URL(server.url).port);
  await expect(startServer({ ...settings, data, port })).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining("the port is taken"),
  });
  await server.close();
});
