import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileBlobStore, openSqliteStore } from "@graft/storage/node";
import { startServer } from "@graft/server";
import { expect, onTestFinished, test } from "vitest";
import { readiness } from "../src/readiness.ts";

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "graft-ready-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test("a server that reaches its stores is ready", async () => {
  const server = await startServer({ port: 0, logLevel: "silent", data: await aFolder() });
  const response = await fetch(`${server.url}/readyz`);
  expect([response.status, await response.json()]).toEqual([200, { database: true, blobs: true }]);
  await server.close();
});

test("a database that is gone is told apart from blobs that are there", async () => {
  const metadata = await openSqliteStore(":memory:");
  const blobs = await openFileBlobStore(join(await aFolder(), "blobs"));
  await metadata.close();
  expect(await readiness({ metadata, blobs })).toEqual({ database: false, blobs: true });
});
