import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { routePath, splitName } from "@graft/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noPostgres, startPostgres, type PostgresServer } from "../../../test/servers/postgres.ts";
import { call, publish, squareAdapter, squareBase } from "./a-published-adapter.ts";
import { endProcess, startProcess } from "./a-server-process.ts";

const CLIENTS = 64;

async function race(environment: Readonly<Record<string, string>>): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), "graft-race-"));
  const servers = await Promise.all([startProcess(data, environment), startProcess(data, environment)]);
  try {
    const token = (await readFile(join(data, "admin-token"), "utf8")).trim();
    const placeOf = (index: number) => ({ url: servers[index % 2]?.url ?? "", token });
    const base = squareBase(16);
    await call(placeOf(0), routePath("putBase", { digest: base.fingerprint }), { method: "PUT", body: base });
    const name = "@acme/race";
    const adapters = await Promise.all(
      Array.from({ length: CLIENTS }, (_, index) => squareAdapter(base, { name, version: "1.0.0", value: index + 1 })),
    );
    const put = async (index: number, path: string, body: unknown) => call(placeOf(index), path, { method: "PUT", body });
    await Promise.all(adapters.map(({ request, bytes }, index) => put(index, routePath("putBlob", { digest: request.digest }), bytes)));

    const path = routePath("publish", { ...splitName(name), version: "1.0.0" });
    const answers = await Promise.all(adapters.map(async ({ request }, index) => (await put(index, path, request)).status));
    const winner = answers.indexOf(201);
    expect(answers.toSorted()).toEqual([201, ...Array.from({ length: CLIENTS - 1 }, () => 409)]);

    const winning = adapters[winner]?.request.digest;
    for (const index of [0, 1]) expect(await (await call(placeOf(index), path)).json()).toMatchObject({ digest: winning });
    const again = await Promise.all(adapters.map(async (adapter, index) => (await publish(placeOf(index + 1), adapter)).status));
    expect(again).toEqual(adapters.map((_, index) => (index === winner ? 200 : 409)));
  } finally {
    await Promise.all(servers.map((server) => endProcess(server)));
    await rm(data, { recursive: true });
  }
}

test("of 64 clients of two servers over one folder that publish one version, one wins for ever", () => race({}));

describe.skipIf(noPostgres !== undefined)("on PostgreSQL", () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());

  test("of 64 clients of two servers over one database that publish one version, one wins for ever", () =>
    race({ GRAFT_DATABASE: postgres.createDatabase() }));

  test("servers that come and go over one database see what each other published", async () => {
    const data = await mkdtemp(join(tmpdir(), "graft-shared-"));
    const environment = { GRAFT_DATABASE: postgres.createDatabase() };
    const first = await startProcess(data, environment);
    const token = (await readFile(join(data, "admin-token"), "utf8")).trim();
    const base = squareBase(16);
    await call({ url: first.url, token }, routePath("putBase", { digest: base.fingerprint }), { method: "PUT", body: base });
    expect(
      (await publish({ url: first.url, token }, await squareAdapter(base, { name: "@acme/a", version: "1.0.0", value: 1 }))).status,
    ).toBe(201);
    const second = await startProcess(data, environment);
    await endProcess(first, "SIGKILL");
    const found = await call({ url: second.url, token }, "/v1/adapters/acme/a/resolve");
    expect(await found.json()).toMatchObject({ version: "1.0.0" });
    await endProcess(second);
    await rm(data, { recursive: true });
  });
});

test("an address of a database that is none is refused without being printed", async () => {
  const data = await mkdtemp(join(tmpdir(), "graft-shared-"));
  const wrong = startProcess(data, { GRAFT_DATABASE: "mysql://me:secret@host/x" });
  await expect(wrong).rejects.toThrow(/USAGE: Cannot start the server: GRAFT_DATABASE .* is wrong/);
  await expect(wrong).rejects.not.toThrow(/secret/);
  await rm(data, { recursive: true });
});
