import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EVERYTHING } from "@graft/storage";
import { openSqliteStore } from "@graft/storage/node";
import SqliteDatabase from "better-sqlite3";
import { expect, test } from "vitest";
import { aBase, aSearch } from "../contracts/a-version.ts";
import { metadataStoreContract } from "../contracts/metadata-store.ts";

async function inFolder() {
  const folder = await mkdtemp(join(tmpdir(), "graft-sqlite-"));
  const path = join(folder, "registry.sqlite");
  const store = await openSqliteStore(path);
  const close = async (): Promise<void> => {
    await store.close();
    await rm(folder, { recursive: true });
  };
  return { folder, path, store, again: () => openSqliteStore(path), close };
}

metadataStoreContract("SQLite", inFolder);

test("the database keeps a write-ahead log and a schema version", async () => {
  const { path, close } = await inFolder();
  const database = new SqliteDatabase(path, { readonly: true });
  expect(database.pragma("journal_mode", { simple: true })).toBe("wal");
  expect(database.prepare("select max(version) from migrations").pluck().get()).toBeGreaterThan(0);
  database.close();
  await close();
});

test("many that open a new file at once all succeed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "graft-sqlite-"));
  const stores = await Promise.all(Array.from({ length: 4 }, () => openSqliteStore(join(folder, "registry.sqlite"))));
  await Promise.all(stores.map((store) => store.close()));
  await rm(folder, { recursive: true });
});

test("a program goes on over a schema with steps that it does not know, when they only add to it", async () => {
  const { path, store, close } = await inFolder();
  await store.bases.put(aBase("tiny"));
  const database = new SqliteDatabase(path);
  database.prepare("insert into migrations (version, name, is_addition) values (1000, 'an addition', 1)").run();
  database.close();
  const older = await openSqliteStore(path);
  expect((await older.bases.list({ limit: 1 })).map(({ name }) => name)).toEqual(["tiny"]);
  await older.close();
  await close();
});

test("a schema that is newer than this program, and a file that is no database, are refused", async () => {
  const { folder, path, close } = await inFolder();
  const database = new SqliteDatabase(path);
  database.prepare("insert into migrations (version, name, is_addition) values (1000, 'from the future', 0)").run();
  database.close();
  await expect(openSqliteStore(path)).rejects.toMatchObject({ code: "CONFLICT", hint: "Run a newer Graft" });
  const noise = join(folder, "noise");
  await writeFile(noise, "this is no database, but it is long enough to look at ".repeat(100));
  await expect(openSqliteStore(noise)).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("no SQLite database") });
  await expect(openSqliteStore(join(folder, "none", "x.sqlite"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  await close();
});

test("a search cannot smuggle SQL", async () => {
  const { store, close } = await inFolder();
  for (const text of ["'; drop table versions; --", '"', "\0", "' or '1'='1"]) {
    expect((await store.seenBy(EVERYTHING).search.find(aSearch({ text }))).items).toEqual([]);
    expect((await store.seenBy(EVERYTHING).search.find(aSearch({ filters: { task: [text] } }))).items).toEqual([]);
  }
  expect(await store.seenBy(EVERYTHING).versions.numbers("' or 1=1 --")).toEqual([]);
  await close();
});

test("no row of the log of changes can be changed or removed, even by hand", async () => {
  const { store, path, close } = await inFolder();
  await store.audit.append({ at: "2026-01-01T00:00:00.000Z", actor: "user:alice", action: "scope.create", subject: "acme" });
  const database = new SqliteDatabase(path);
  for (const change of ["update audit set actor = 'nobody'", "delete from audit"])
    expect(() => database.exec(change)).toThrow("audit only grows");
  database.close();
  expect(await store.audit.list({ limit: 5 })).toHaveLength(1);
  await close();
});
