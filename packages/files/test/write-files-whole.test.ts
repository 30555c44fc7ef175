import { link, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeFilesWhole } from "@graft/files";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "graft-files-"));
});
afterEach(() => rm(folder, { recursive: true }));

const build =
  (text: string) =>
  async (temporary: string): Promise<void> => {
    await writeFile(join(temporary, "out"), text);
    await writeFile(join(temporary, "side"), `${text}, beside`);
  };

test("a file appears with the files that belong to it", async () => {
  await writeFilesWhole(join(folder, "out"), build("one"));
  expect((await readdir(folder)).toSorted()).toEqual(["out", "side"]);
  expect(await readFile(join(folder, "side"), "utf8")).toBe("one, beside");
});

test("a builder that fails leaves nothing", async () => {
  const failing = async (temporary: string): Promise<void> => {
    await build("one")(temporary);
    throw new Error("the builder broke");
  };
  await expect(writeFilesWhole(join(folder, "out"), failing)).rejects.toThrow("the builder broke");
  expect(await readdir(folder)).toEqual([]);
});

test("what is there is kept unless it may be replaced, and then nothing new appears", async () => {
  await writeFile(join(folder, "side"), "mine");
  await expect(writeFilesWhole(join(folder, "out"), build("one"))).rejects.toMatchObject({ code: "NOT_WRITABLE" });
  expect(await readdir(folder)).toEqual(["side"]);
  await writeFilesWhole(join(folder, "out"), build("two"), { overwrite: true });
  expect(await readFile(join(folder, "side"), "utf8")).toBe("two, beside");
});

test("a second name for bytes that are there already is no clash", async () => {
  await writeFile(join(folder, "weights"), "shared");
  await writeFilesWhole(join(folder, "out"), async (temporary) => {
    await writeFile(join(temporary, "out"), "one");
    await link(join(folder, "weights"), join(temporary, "weights"));
  });
  expect(await readFile(join(folder, "weights"), "utf8")).toBe("shared");
});
