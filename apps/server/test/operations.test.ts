import { mkdtempSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { routePath } from "@graft/protocol";
import { backUp, checkStores, collect, moveRegistry, restore, startServer } from "@graft/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noCeph, startCeph, type CephServer } from "../../../test/servers/ceph.ts";
import { noPostgres, startPostgres, type PostgresServer } from "../../../test/servers/postgres.ts";
import { call, publish, sha256, squareAdapter, squareBase } from "./a-published-adapter.ts";

const folder = mkdtempSync(join(tmpdir(), "graft-operations-"));
afterAll(() => rm(folder, { recursive: true, force: true }));
const at = (name: string) => ({ data: join(folder, name), database: undefined, blobs: undefined });
const base = squareBase(2048);
let token = "";
const adapters = await Promise.all(
  ["1.0.0", "1.1.0", "2.0.0"].map((version, index) => squareAdapter(base, { name: "@acme/spam", version, value: index + 1 })),
);

beforeAll(async () => {
  const server = await startServer({ ...at("live"), port: 0, logLevel: "silent" });
  token = server.token ?? "";
  const place = { url: server.url, token };
  await call(place, routePath("putBase", { digest: base.fingerprint }), { method: "PUT", body: base });
  for (const adapter of adapters) expect((await publish(place, adapter)).status).toBe(201);
  const stray = crypto.getRandomValues(new Uint8Array(100));
  await call(place, routePath("putBlob", { digest: sha256(stray) }), { method: "PUT", body: stray });
  await server.close();
});

/** A registry answers for everything that was published, and takes more. */
async function serves(settings: Parameters<typeof startServer>[0], next: string): Promise<void> {
  const server = await startServer({ ...settings, port: 0, logLevel: "silent" });
  try {
    const place = { url: server.url, token };
    for (const { request, version } of adapters) {
      expect((await call(place, `/v1/adapters/acme/spam/versions/${version}`)).status).toBe(200);
      const bytes = await (await call(place, routePath("getBlob", { digest: request.digest }))).arrayBuffer();
      expect(sha256(new Uint8Array(bytes))).toBe(request.digest);
    }
    expect(await (await call(place, "/v1/search?q=spam")).json()).toMatchObject({ results: [{ name: "@acme/spam" }] });
    const more = await squareAdapter(base, { name: "@acme/spam", version: next, value: 9 });
    expect((await publish(place, more)).status).toBe(201);
  } finally {
    await server.close();
  }
}

test("a backup restored into an empty folder has every digest, serves, and goes on", async () => {
  const copied = await backUp(at("live"), join(folder, "backup"));
  expect(copied.blobs).toBe(4);
  await restore(at("restored"), join(folder, "backup"));
  expect(await checkStores(at("restored"))).toMatchObject({ blobs: 4, damaged: [], missing: [] });
  await serves(at("restored"), "3.0.0");
  await expect(restore(at("restored"), join(folder, "backup"))).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(backUp(at("nowhere"), join(folder, "other"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
});

test("a flipped bit and a lost blob are found, and repaired from a mirror", async () => {
  await backUp(at("live"), join(folder, "damaged"));
  const path = ({ request }: (typeof adapters)[number]) => {
    const name = request.digest.slice(7);
    return join(folder, "damaged", "blobs", "sha256", name.slice(0, 2), name);
  };
  const [first, second] = adapters as [(typeof adapters)[number], (typeof adapters)[number]];
  const bytes = await readFile(path(first));
  bytes[5000] = (bytes[5000] ?? 0) ^ 1;
  await writeFile(path(first), bytes);
  await rm(path(second));
  const found = { damaged: [first.request.digest], missing: [second.request.digest] };
  expect(await checkStores(at("damaged"))).toMatchObject({ ...found, repaired: [] });
  const mirror = await startServer({ ...at("live"), port: 0, logLevel: "silent" });
  const repaired = await checkStores(at("damaged"), { repairFrom: mirror.url });
  await mirror.close();
  expect(repaired).toMatchObject({ ...found, repaired: [...found.damaged, ...found.missing] });
  expect(await checkStores(at("damaged"))).toMatchObject({ damaged: [], missing: [] });
});

test("what nothing names is removed after its time, and nothing else", async () => {
  await backUp(at("live"), join(folder, "tidied"));
  expect(await collect(at("tidied"), 1)).toMatchObject({ seen: 4, unnamed: 1, removed: [] });
  const later = Date.now() + 5;
  while (Date.now() < later) await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await collect(at("tidied"), 0)).removed).toHaveLength(1);
  expect(await checkStores(at("tidied"))).toMatchObject({ blobs: 3, damaged: [], missing: [] });
});

describe.skipIf(noPostgres !== undefined || noCeph !== undefined)("PostgreSQL and S3", () => {
  let servers: [PostgresServer, CephServer];
  beforeAll(async () => {
    servers = await Promise.all([startPostgres(), startCeph()]);
  }, 120_000);
  afterAll(async () => {
    for (const server of servers ?? []) await server.stop();
  });

  test("a registry moves there, in two runs, and serves", async () => {
    const [postgres, ceph] = servers;
    const to = { database: postgres.createDatabase(), blobs: ceph.freshAddress() };
    expect(await moveRegistry(at("live"), to, { onlyBlobs: true })).toMatchObject({ blobs: 4, rows: 0 });
    expect(await moveRegistry(at("live"), to)).toMatchObject({ blobs: 0, known: 4 });
    await serves({ ...to, data: join(folder, "live") }, "3.0.0");
    expect(await checkStores({ ...to, data: join(folder, "live") })).toMatchObject({ blobs: 5, damaged: [], missing: [] });
  });
});
