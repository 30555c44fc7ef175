import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LockFile, projectSchemas } from "@graft/client";
import { readLock } from "@graft/client/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockText } from "../../src/project/lock-file.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "graft-lock-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const digest = (digit: string): `sha256:${string}` => `sha256:${digit.repeat(64)}`;
const entry = (version: string): LockFile["adapters"][string] => ({
  version,
  digest: digest(version.charAt(0)),
  size: 10,
  range: "^1.0.0",
  base: digest("b"),
});
const lock = (versions: Readonly<Record<string, string>>): LockFile => ({
  lockVersion: 1,
  registries: { "@acme": "https://registry.example" },
  adapters: Object.fromEntries(Object.entries(versions).map(([name, version]) => [`@acme/${name}`, entry(version)])),
});

/** Merges two changes of one lock with git, as a file of a repository. */
async function merge(common: LockFile, ours: LockFile, theirs: LockFile): Promise<number> {
  const git = (...args: string[]): number =>
    spawnSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.org", ...args], { cwd: folder }).status ?? 1;
  const commit = async (content: LockFile): Promise<void> => {
    await writeFile(join(folder, "graft-lock.json"), lockText(content));
    expect(git("commit", "-q", "-a", "-m", "a change")).toBe(0);
  };
  execFileSync("git", ["init", "-q", "-b", "main"], { cwd: folder });
  await writeFile(join(folder, "graft-lock.json"), "");
  git("add", "graft-lock.json");
  await commit(common);
  git("checkout", "-q", "-b", "theirs");
  await commit(theirs);
  git("checkout", "-q", "main");
  await commit(ours);
  return git("merge", "-q", "--no-edit", "theirs");
}

test("git merges changes of neighbours, and additions that do not meet, by itself", async () => {
  const common = lock({ b: "1.0.0", c: "1.0.0", m: "1.0.0" });
  const status = await merge(
    common,
    lock({ a: "1.0.0", b: "1.0.0", c: "2.0.0", m: "1.0.0" }),
    lock({ b: "3.0.0", c: "1.0.0", m: "4.0.0" }),
  );
  expect(status).toBe(0);
  expect(await readLock(folder)).toEqual(lock({ a: "1.0.0", b: "3.0.0", c: "2.0.0", m: "4.0.0" }));
});

test("what git leaves in conflict is read as both sides, the higher version of what both changed", async () => {
  const status = await merge(lock({ m: "1.0.0" }), lock({ m: "1.1.0", n: "1.0.0" }), lock({ m: "1.2.0", o: "1.0.0" }));
  expect(status).not.toBe(0);
  expect(await readFile(join(folder, "graft-lock.json"), "utf8")).toContain("<<<<<<<");
  expect(await readLock(folder)).toEqual(lock({ m: "1.2.0", n: "1.0.0", o: "1.0.0" }));
});

test("marks of a conflict that are not whole are refused", async () => {
  await writeFile(join(folder, "graft-lock.json"), `<<<<<<< ours\n${lockText(lock({ a: "1.0.0" }))}`);
  await expect(readLock(folder)).rejects.toMatchObject({ code: "USAGE" });
});

test("the same pins give the same text, whatever order they came in", () => {
  expect(lockText(lock({ a: "1.0.0", b: "1.0.0" }))).toBe(lockText(lock({ b: "1.0.0", a: "1.0.0" })));
  expect(LockFile.parse(JSON.parse(lockText(lock({ a: "1.0.0" }))))).toEqual(lock({ a: "1.0.0" }));
});

test.each(Object.keys(projectSchemas()))(
  "%s is what the code generates (else run packages/client/scripts/write-schemas.ts)",
  async (name) => {
    const schemas = join(import.meta.dirname, "../../../../schemas");
    expect(await readFile(join(schemas, name), "utf8")).toBe(`${JSON.stringify(projectSchemas()[name], null, 2)}\n`);
  },
);
