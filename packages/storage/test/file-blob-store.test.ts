import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileBlobStore } from "@graft/storage/node";
import { expect, test } from "vitest";
import { blobStoreContract, digestOf } from "./contracts/blob-store.ts";

async function inFolder() {
  const folder = await mkdtemp(join(tmpdir(), "graft-blobs-"));
  return {
    folder,
    store: await openFileBlobStore(folder),
    again: () => openFileBlobStore(folder),
    close: () => rm(folder, { recursive: true }),
  };
}

blobStoreContract("files", inFolder);

test("a blob is one file under its digest, and nothing else is left", async () => {
  const { folder, store, close } = await inFolder();
  const bytes = new TextEncoder().encode("hello");
  const digest = digestOf(bytes);
  await store.put(digest, {
    bytes: (async function* () {
      yield bytes;
    })(),
    limit: 10,
    owner: "me",
  });
  const name = digest.slice("sha256:".length);
  expect((await stat(join(folder, "sha256", name.slice(0, 2), name))).size).toBe(5);
  expect(await readdir(join(folder, "uploads"))).toEqual([]);
  await close();
});

test("a root that is a file is refused", async () => {
  const { folder, close } = await inFolder();
  await writeFile(join(folder, "file"), "");
  await expect(openFileBlobStore(join(folder, "file"))).rejects.toMatchObject({
    code: expect.stringMatching(/NOT_WRITABLE|FILE_NOT_FOUND/),
  });
  await close();
});
