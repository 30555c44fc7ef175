import { EVERYTHING } from "@graft/storage";
import { openPostgresStore } from "@graft/storage/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noPostgres, startPostgres, type PostgresServer } from "../../../../test/servers/postgres.ts";
import { aBase, aVersion } from "../contracts/a-version.ts";
import { metadataStoreContract } from "../contracts/metadata-store.ts";

describe.skipIf(noPostgres !== undefined)("PostgreSQL", () => {
  let server: PostgresServer;
  let template: string;
  beforeAll(async () => {
    server = await startPostgres();
    template = server.createDatabase();
    await (await openPostgresStore(template)).close();
  });
  afterAll(() => server?.stop());

  const opened = async () => {
    const url = server.createDatabase(template);
    const store = await openPostgresStore(url);
    return { url, store, again: () => openPostgresStore(url), close: () => store.close() };
  };
  metadataStoreContract("PostgreSQL", opened);

  test("many that open an empty database at once all succeed, and one of them makes the schema", async () => {
    const url = server.createDatabase();
    const stores = await Promise.all(Array.from({ length: 6 }, () => openPostgresStore(url)));
    await Promise.all(stores.map((store) => store.close()));
    expect(server.run(url, "select count(*) = max(version) from migrations")).toBe("t");
  });

  test("a connection that was cut while it was idle, and one in the middle of a read, cost nobody anything", async () => {
    const { url, store, close } = await opened();
    await store.tokens.count();
    server.run(url, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'graft'");
    expect(await store.tokens.count()).toBe(0);
    await close();
  });

  test("a server that crashes and comes back is waited for; what it acknowledged is there, and what it did not is whole or absent", async () => {
    const { store, close } = await opened();
    await store.bases.put(aBase("tiny"));
    const acknowledged: string[] = [];
    const stop = new AbortController();
    const writer = (async () => {
      for (let index = 0; !stop.signal.aborted; index++) {
        const version = aVersion("@a/spam", `1.0.${index}`);
        const again = () => store.versions.publish(version);
        // Lost at the commit, nobody knows: asking again is safe.
        await again().catch(again);
        acknowledged.push(version.version);
      }
    })();
    for (let crash = 0; crash < 2; crash++) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await server.kill();
      await server.start();
    }
    stop.abort();
    await writer;
    expect((await store.seenBy(EVERYTHING).versions.numbers("@a/spam")).toReversed()).toEqual(acknowledged);
    await close();
  });

  test("a database that is not there, or does not let us in, is said in one line without the address", async () => {
    const url = server.createDatabase();
    await expect(openPostgresStore(`${url}none`)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: "Cannot use the database: it does not let us in",
    });
    await expect(openPostgresStore(url.replace("graft@", "stranger:secret@"))).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.not.stringContaining("secret"),
    });
  });
});
