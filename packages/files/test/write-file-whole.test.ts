import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileWhole, fileError, writeFileWhole } from "@graft/files";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "graft-files-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function* chunks(count: number, fail = false): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) yield new Uint8Array(1000).fill(index);
  if (fail) throw new Error("the source broke");
}

describe("a file that is written whole", () => {
  test("has the bytes, the text or the chunks that went in, and nothing lies beside it", async () => {
    await writeFileWhole(join(folder, "bytes"), Uint8Array.of(1, 2, 3));
    await writeFileWhole(join(folder, "text"), "é");
    await writeFileWhole(join(folder, "chunks"), chunks(3));
    expect([...(await readFile(join(folder, "bytes")))]).toEqual([1, 2, 3]);
    expect(await readFile(join(folder, "text"), "utf8")).toBe("é");
    expect((await stat(join(folder, "chunks"))).size).toBe(3000);
    expect(await readdir(folder)).toEqual(["bytes", "chunks", "text"]);
  });

  test("replaces the one that is there, unless it may not", async () => {
    await writeFileWhole(join(folder, "a"), "one");
    await writeFileWhole(join(folder, "a"), "two");
    await expect(writeFileWhole(join(folder, "a"), "three", { overwrite: false })).rejects.toMatchObject({
      code: "NOT_WRITABLE",
      detail: { errno: "EEXIST" },
    });
    expect(await readFile(join(folder, "a"), "utf8")).toBe("two");
    await writeFileWhole(join(folder, "b"), "new", { overwrite: false, mode: 0o600 });
    expect((await stat(join(folder, "b"))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["a", "b"]);
  });

  test("leaves the old one and no rest when the writer fails", async () => {
    await writeFileWhole(join(folder, "a"), "one");
    await expect(writeFileWhole(join(folder, "a"), chunks(3, true))).rejects.toThrow("the source broke");
    await expect(
      createFileWhole(join(folder, "c"), async (sink) => {
        await sink.write(Uint8Array.of(1));
        throw new Error("the writer broke");
      }),
    ).rejects.toThrow("the writer broke");
    expect(await readdir(folder)).toEqual(["a"]);
    expect(await readFile(join(folder, "a"), "utf8")).toBe("one");
  });

  test("survives a crowd that writes the same name: the last one wins, whole", async () => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => writeFileWhole(join(folder, "a"), new Uint8Array(10_000).fill(index))));
    const bytes = await readFile(join(folder, "a"));
    expect([bytes.length, new Set(bytes).size]).toEqual([10_000, 1]);
    expect(await readdir(folder)).toEqual(["a"]);
  });

  test("is created by exactly one of a crowd that may not overwrite", async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => writeFileWhole(join(folder, "a"), `${index}`, { overwrite: false })),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("takes names as long as the file system does", async () => {
    const name = "n".repeat(250);
    await writeFileWhole(join(folder, name), "x");
    expect(await readdir(folder)).toEqual([name]);
  });
});

test("a folder that is not there is FILE_NOT_FOUND, a folder in the file's place NOT_WRITABLE or FILE_NOT_FOUND", async () => {
  await expect(writeFileWhole(join(folder, "absent", "a"), "x")).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  await expect(writeFileWhole(folder, "x")).rejects.toMatchObject({ code: expect.stringMatching(/FILE_NOT_FOUND|NOT_WRITABLE/) });
});

test("a process that exits in the middle leaves nothing", async () => {
  const program = `
    import { createFileWhole } from "@graft/files";
    await createFileWhole(process.argv[1], async (sink) => { await sink.write(new Uint8Array(1000)); process.exit(7); });`;
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--conditions=@graft/source", "--input-type=module", "-e", program, join(folder, "a")],
    {
      cwd: join(import.meta.dirname, ".."),
      encoding: "utf8",
    },
  );
  expect([status, stderr]).toEqual([7, ""]);
  expect(await readdir(folder)).toEqual([]);
});

/** Mounts a small file system; false where this user may not. */
function mount(path: string, options: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]).status === 0;
}

test("a full disk is DISK_FULL, a read-only one NOT_WRITABLE, and no file is left", async ({ skip }) => {
  const disk = await mkdtemp(join(folder, "disk-"));
  if (!mount(disk, "size=64k")) skip("this user may not mount a file system");
  try {
    await expect(writeFileWhole(join(disk, "large"), chunks(200))).rejects.toMatchObject({ code: "DISK_FULL" });
    expect(await readdir(disk)).toEqual([]);
    await writeFile(join(disk, "small"), "x");
    spawnSync("mount", ["-o", "remount,ro", disk]);
    await expect(writeFileWhole(join(disk, "small"), "y")).rejects.toMatchObject({ code: "NOT_WRITABLE" });
    expect(await readFile(join(disk, "small"), "utf8")).toBe("x");
  } finally {
    spawnSync("umount", [disk]);
  }
});

test.each([
  ["ENOSPC", "DISK_FULL"],
  ["EDQUOT", "DISK_FULL"],
  ["EROFS", "NOT_WRITABLE"],
  ["EACCES", "NOT_WRITABLE"],
  ["EPERM", "NOT_WRITABLE"],
  ["ENOENT", "FILE_NOT_FOUND"],
  ["EIO", "NOT_WRITABLE"],
])("%s becomes %s", (errno, code) => {
  const cause = Object.assign(new Error("as Node says it"), { code: errno });
  expect(fileError(cause, 'write "a"')).toMatchObject({ code, cause, message: expect.stringMatching(/^Cannot write "a": /) });
});
