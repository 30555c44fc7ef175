import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeFolderWhole } from "@graft/files";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "graft-folders-"));
});
afterEach(() => rm(folder, { recursive: true }));

const build =
  (text: string) =>
  async (temporary: string): Promise<void> => {
    await mkdir(join(temporary, "inner"));
    await writeFile(join(temporary, "inner", "a"), text);
  };

test("a folder appears with everything in it, and missing parents with it", async () => {
  await writeFolderWhole(join(folder, "parent", "out"), build("one"));
  expect(await readFile(join(folder, "parent", "out", "inner", "a"), "utf8")).toBe("one");
  expect(await readdir(join(folder, "parent"))).toEqual(["out"]);
});

test("a builder that fails leaves nothing", async () => {
  const failing = async (temporary: string): Promise<void> => {
    await build("one")(temporary);
    throw new Error("the builder broke");
  };
  await expect(writeFolderWhole(join(folder, "out"), failing)).rejects.toThrow("the builder broke");
  expect(await readdir(folder)).toEqual([]);
});

test("a folder with files is kept unless it may be replaced, and an empty one is taken", async () => {
  await mkdir(join(folder, "out"));
  await writeFolderWhole(join(folder, "out"), build("one"));
  await expect(writeFolderWhole(join(folder, "out"), build("two"))).rejects.toMatchObject({ code: "NOT_WRITABLE" });
  expect(await readFile(join(folder, "out", "inner", "a"), "utf8")).toBe("one");
  await writeFolderWhole(join(folder, "out"), build("two"), { overwrite: true });
  expect(await readFile(join(folder, "out", "inner", "a"), "utf8")).toBe("two");
  await writeFolderWhole(join(folder, "new"), build("three"), { overwrite: true });
  expect(await readdir(folder)).toEqual(["new", "out"]);
});
