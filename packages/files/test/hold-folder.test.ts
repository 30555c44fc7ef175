import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { holdFolder, isHeld, LOCK_FILE } from "@graft/files";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "graft-hold-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const HOLD = `import { holdFolder } from "@graft/files"; await holdFolder(process.argv[1]); console.log("held"); setInterval(() => {}, 1000);`;

/** A process that holds the folder until it is killed. */
async function holder(): Promise<{ pid: number; kill(): Promise<void> }> {
  const child = spawn(process.execPath, ["--conditions=@graft/source", "--input-type=module", "-e", HOLD, folder], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return { pid: child.pid ?? 0, kill: async () => void (child.kill("SIGKILL"), await ended) };
}

test("a folder is held by one at a time, and free again after its release", async () => {
  const held = await holdFolder(folder);
  await expect(holdFolder(folder)).rejects.toMatchObject({ code: "IN_USE", detail: { pid: process.pid, host: hostname() } });
  await held.release();
  expect(await readdir(folder)).toEqual([]);
  await (await holdFolder(join(folder, "made", "by it"))).release();
});

test("another process is told who holds it, and takes it when that one was killed", async () => {
  const other = await holder();
  await expect(holdFolder(folder)).rejects.toMatchObject({ code: "IN_USE", message: expect.stringContaining(`process ${other.pid}`) });
  expect(await isHeld(folder)).toBe(true);
  await other.kill();
  expect(await isHeld(folder)).toBe(false);
  await (await holdFolder(folder)).release();
});

test("of many that come at once when the holder is gone, one gets it", async () => {
  await writeFile(join(folder, LOCK_FILE), JSON.stringify({ host: hostname(), pid: process.pid, started: "another life", token: "gone" }));
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => holdFolder(folder)));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await readdir(folder)).toEqual([LOCK_FILE]);
});

test("a holder on another machine counts as long as it gives signs of life", async () => {
  const lock = join(folder, LOCK_FILE);
  await writeFile(lock, JSON.stringify({ host: "another machine", pid: 1, started: "", token: "other" }));
  await expect(holdFolder(folder)).rejects.toMatchObject({ code: "IN_USE", message: expect.stringContaining("another machine") });
  await utimes(lock, new Date(0), new Date(0));
  await (await holdFolder(folder)).release();
});

test("a lock that is no lock is taken for one that was left", async () => {
  await writeFile(join(folder, LOCK_FILE), "what is this");
  await (await holdFolder(folder)).release();
});
