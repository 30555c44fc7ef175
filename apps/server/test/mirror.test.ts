import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@graft/client/node";
import { exportArchive, importArchive, startMirror, startServer, type RunningMirror, type RunningServer } from "@graft/server";
import { afterEach, beforeEach, expect, test } from "vitest";
import { squareAdapter, squareBase } from "./a-published-adapter.ts";

const [SPAM, TOPICS] = ["@acme/spam", "@acme/topics"];
const settings = { port: 0, logLevel: "silent" } as const;
const base = squareBase(64);

let folder: string;
let origin: RunningServer;
let mirror: RunningMirror;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "graft-mirror-"));
  origin = await startServer({ ...settings, data: join(folder, "origin") });
  mirror = await startMirror({ ...settings, data: join(folder, "mirror"), upstream: origin.url });
  await publish(SPAM, "1.0.0");
  await publish(TOPICS, "1.0.0");
});
afterEach(async () => {
  await mirror.close();
  await origin.close();
  await rm(folder, { recursive: true });
});

const client = (registry: string, name: string, options: { token?: string; maxAgeHours?: number; clock?: () => number } = {}) =>
  createClient({ registry, cache: join(folder, name), environment: { GRAFT_CONFIG: join(folder, "none.json") }, ...options });

async function publish(name: string, version: string, access?: "private"): Promise<void> {
  const publisher = await client(origin.url, "publisher", { token: origin.token ?? "" });
  await publisher.registry.registerBase(base);
  const { bytes, request } = await squareAdapter(base, { name, version, value: name.length + Number(version[0]) });
  await publisher.publish({ bytes, manifest: { ...request.manifest, name, version }, tensorsDigest: request.tensorsDigest, access });
}

test("what was pulled through a mirror is there when the registry is not, at one view, with its age", async () => {
  const first = await client(mirror.url, "first");
  await first.pull(`${SPAM}@^1`);
  await publish(SPAM, "1.1.0");
  await first.pull(TOPICS);
  await first.registry.base(base.fingerprint);
  await origin.close();
  // What was pulled before the log grew is shown under the later head too: nobody who saw that one is shown less.
  for (const name of ["first", "second"]) {
    const someone = await client(mirror.url, name);
    await expect(someone.pull(`${SPAM}@^1`)).resolves.toMatchObject({ record: { version: "1.1.0" } });
    await expect(someone.pull(TOPICS)).resolves.toMatchObject({ record: { version: "1.0.0" } });
    await expect(someone.registry.base(base.fingerprint)).resolves.toMatchObject({ fingerprint: base.fingerprint });
  }
  const age = (await fetch(`${mirror.url}/v1/keys`)).headers.get("graft-view-age");
  expect(Number(age)).toBeLessThan(60);
  await expect((await client(mirror.url, "second")).pull("@acme/other")).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
  const later = { clock: () => Date.now() + 30 * 60 * 60 * 1000 };
  await expect((await client(mirror.url, "second", later)).pull(TOPICS)).rejects.toMatchObject({
    code: "VIEW_EXPIRED",
    hint: expect.stringContaining("--max-age"),
  });
  await expect((await client(mirror.url, "second", { ...later, maxAgeHours: 48 })).pull(TOPICS)).resolves.toBeDefined();
});

test("a mirror that was stopped goes on with what it had", async () => {
  await (await client(mirror.url, "first")).pull(SPAM);
  await mirror.close();
  await origin.close();
  mirror = await startMirror({ ...settings, data: join(folder, "mirror"), upstream: origin.url });
  await expect((await client(mirror.url, "second")).pull(SPAM)).resolves.toMatchObject({ record: { version: "1.0.0" }, cached: false });
});

test("a mirror shows nothing that is private, and takes nothing in", async () => {
  await publish("@acme/secret", "1.0.0", "private");
  await expect((await client(mirror.url, "first", { token: origin.token ?? "" })).pull("@acme/secret")).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  for (const [method, path] of [
    ["PUT", `/v1/bases/${base.fingerprint}`],
    ["PUT", `/v1/blobs/sha256:${"0".repeat(64)}`],
    ["POST", "/v1/tokens"],
    ["DELETE", "/v1/adapters/acme/spam/tags/x"],
  ] as const) {
    const answer = await fetch(mirror.url + path, {
      method,
      body: method === "DELETE" ? null : "{}",
      headers: { "content-type": "application/json", authorization: `Bearer ${origin.token}` },
    });
    expect([path, answer.status >= 400]).toEqual([path, true]);
  }
  expect((await fetch(`${mirror.url}/v1/blobs/sha256:${"0".repeat(64)}`)).status).toBe(404);
});

test("an upstream that lies is not kept: neither records, nor hashes, nor answers", async () => {
  let lie: (path: string, body: Buffer) => Buffer = (_, body) => body;
  const liar = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const answer = await fetch(origin.url + request.url, {
        method: request.method ?? "GET",
        ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks), headers: { "content-type": "application/json" } }),
      });
      response.writeHead(answer.status).end(lie(request.url ?? "", Buffer.from(await answer.arrayBuffer())));
    })().catch(() => response.destroy());
  }).listen(0, "127.0.0.1");
  await once(liar, "listening");
  const upstream = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
  const through = await startMirror({ ...settings, data: join(folder, "lied-to"), upstream, mirrorSeconds: 0 });
  const json = (change: (body: Record<string, unknown>) => unknown, path: RegExp) => (asked: string, body: Buffer) =>
    path.test(asked) ? Buffer.from(JSON.stringify(change(JSON.parse(body.toString()) as Record<string, unknown>))) : body;
  const pulled = async (): Promise<string> => {
    const answer = await fetch(`${through.url}/v1/adapters/acme/spam/resolve?range=latest`);
    return answer.ok ? "kept" : ((await answer.json()) as { error: { code: string } }).error.code;
  };
  lie = json((record) => ({ ...record, signatures: [] }), /versions\/1\.0\.0$/);
  expect(await pulled()).toBe("SIGNATURE_INVALID");
  lie = json((record) => ({ ...record, digest: `sha256:${"0".repeat(64)}` }), /versions\/1\.0\.0$/);
  expect(await pulled()).toBe("SIGNATURE_INVALID");
  lie = (path, body) => (path.includes("/tile/") ? Buffer.alloc(body.length) : body);
  expect(await pulled()).toBe("NOT_IN_LOG");
  expect((await readdir(join(folder, "lied-to", "mirror"))).filter((name) => /^(view|version|tile)/.test(name))).toEqual([]);
  lie = (_, body) => body;
  expect(await pulled()).toBe("kept");
  lie = (path, body) => (path.includes("/resolutions") ? Buffer.from(String(body).replace('"1.0.0"', '"1.0.1"')) : body);
  expect(await pulled()).toBe("SIGNATURE_INVALID");
  await through.close();
  liar.close();
});

test("an archive carries adapters with all proofs to where there is no registry, and is checked as it is taken in", async () => {
  const file = join(folder, "both.graft");
  const made = await exportArchive(file, { registry: origin.url, specifiers: [`${SPAM}@^1`, TOPICS], folder: join(folder, "work") });
  expect(made.adapters.map(({ name, version }) => `${name}@${version}`).toSorted()).toEqual([`${SPAM}@1.0.0`, `${TOPICS}@1.0.0`]);
  await publish(SPAM, "1.1.0");
  const newer = join(folder, "newer.graft");
  await exportArchive(newer, { registry: origin.url, specifiers: [`${SPAM}@^1`], folder: join(folder, "work-again") });
  await origin.close();
  const data = join(folder, "airgap");
  await importArchive(file, { data });
  const airgap = await startMirror({ ...settings, data, upstream: "http://127.0.0.1:9" });
  const inside = () => client(airgap.url, "inside");
  await expect((await inside()).pull(`${SPAM}@^1`)).resolves.toMatchObject({ record: { version: "1.0.0" } });
  await expect((await inside()).pull(TOPICS)).resolves.toMatchObject({ cached: false });
  await importArchive(newer, { data });
  await expect((await inside()).pull(`${SPAM}@^1`)).resolves.toMatchObject({ record: { version: "1.1.0" } });
  await expect(importArchive(file, { data })).rejects.toMatchObject({ code: "LOG_SHRUNK" });
  await airgap.close();
  // Any byte that is changed is found.
  const bytes = await readFile(file);
  const found = new Set<string>();
  for (const [at, index] of [5, 20, 100, Math.floor(bytes.length / 2), bytes.length - 1].entries()) {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    const path = join(folder, `changed-${at}.graft`);
    await writeFile(path, changed);
    await importArchive(path, { data: join(folder, `changed-${at}`) }).then(
      () => found.add(`byte ${index} was not found`),
      (cause: { code: string }) => found.add(cause.code),
    );
  }
  expect([...found].filter((code) => code.startsWith("byte"))).toEqual([]);
  await writeFile(join(folder, "short.graft"), bytes.subarray(0, -10));
  await expect(importArchive(join(folder, "short.graft"), { data: join(folder, "short") })).rejects.toMatchObject({
    code: expect.stringMatching(/DIGEST|RANGE|READ|LOG/),
  });
});
