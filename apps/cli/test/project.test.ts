import { mkdirSync, readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type AppRegistry, appRegistry } from "../../../packages/client/test/project/an-app.ts";
import { grafter, temporaryFolder } from "./run-graft.ts";

const home = temporaryFolder();
const app = join(home, "app");
const graft = grafter(home);
let registry: AppRegistry;

beforeAll(async () => {
  registry = await appRegistry();
  await registry.publish("@acme/topics@1.0.0", { value: 1 });
  await registry.publish("@acme/toxicity@2.1.0", { value: 2 });
  mkdirSync(join(app, "src"), { recursive: true });
});

/** Runs a command in the app that must go well, and gives what it printed. */
async function lines(...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await graft([...args, "--quiet"], { cwd: app });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.trimEnd().split("\n");
}

test("an app adds, lists, explains, updates and removes adapters", async () => {
  expect(await lines("add", "@acme/topics", "@acme/toxicity@2.1.0", "--registry", registry.server.url)).toEqual([
    "+ @acme/topics@1.0.0",
    "+ @acme/toxicity@2.1.0",
    "2 adapters: 2 fetched, 0 from the cache",
  ]);
  expect(readdirSync(app).toSorted()).toEqual(["graft-lock.json", "graft.json", "src"]);
  // From here on the lock says where the registry is.
  expect(await lines("install", "--frozen")).toEqual(["2 adapters: 0 fetched, 2 from the cache; the lock is as it was"]);
  const [head, first] = await lines("ls");
  expect(head).toMatch(/^adapter +range +size +state/);
  expect(first).toMatch(/^@acme\/topics@1\.0\.0 +\^1\.0\.0 .* in the cache/);
  expect((await lines("why", "@acme/topics"))[1]).toBe("  graft.json asks for ^1.0.0");
  expect(await lines("outdated")).toEqual(["Every adapter is at its latest version"]);
  await registry.publish("@acme/topics@1.1.0", { value: 3 });
  expect((await lines("outdated"))[1]).toMatch(/^@acme\/topics +1\.0\.0 +1\.1\.0 +1\.1\.0 +\^1\.0\.0$/);
  expect((await lines("update"))[0]).toBe("  @acme/topics 1.0.0 → 1.1.0");
  expect((await lines("remove", "@acme/toxicity"))[0]).toBe("- @acme/toxicity@2.1.0");
});

test("commands work from a folder inside of the app", async () => {
  const { stdout } = await graft(["ls", "--json"], { cwd: join(app, "src") });
  expect(JSON.parse(stdout)).toMatchObject([{ name: "@acme/topics", version: "1.1.0", registry: registry.server.url }]);
});

test("continuous integration fails where the lock is behind, with exit 4", async () => {
  const text = await readFile(join(app, "graft.json"), "utf8");
  await writeFile(join(app, "graft.json"), text.replace("^1.0.0", "~1.0"));
  const { code, stderr } = await graft(["install", "--frozen"], { cwd: app });
  expect(code).toBe(4);
  expect(stderr).toMatch(/^Cannot install: graft-lock\.json does not say what graft\.json asks for: @acme\/topics \[LOCK_OUTDATED\]/);
  await writeFile(join(app, "graft.json"), text);
});

test("the cache is listed, verified and pruned", async () => {
  const listed = JSON.parse((await lines("cache", "ls", "--json")).join("\n")) as { entries: { adapter: string; path: string }[] };
  expect(listed.entries.map(({ adapter }) => adapter).toSorted()).toEqual([
    "@acme/topics@1.0.0",
    "@acme/topics@1.1.0",
    "@acme/toxicity@2.1.0",
  ]);
  const damaged = listed.entries.find(({ adapter }) => adapter === "@acme/topics@1.1.0");
  await writeFile(damaged?.path ?? "", "damaged");
  expect((await lines("cache", "verify")).at(-1)).toMatch(/^3 read, .*; 1 damaged$/);
  expect(await lines("install")).toEqual(["1 adapter: 1 fetched, 0 from the cache; the lock is as it was"]);
  expect((await lines("cache", "prune", "--size", "0"))[0]).toMatch(/^Removed 3, .* stay$/);
  expect((await graft(["cache", "prune", "--size", "much"])).stderr).toMatch(/^Cannot read --size "much": want a size .*\[USAGE\]\n$/);
});

test("what is not there is refused in one line", async () => {
  expect((await graft(["remove", "@acme/nothing"], { cwd: app })).stderr).toBe(
    'Cannot remove "@acme/nothing": graft.json does not ask for it [USAGE]. See graft ls\n',
  );
  expect((await graft(["why", "@acme/nothing"], { cwd: app })).code).toBe(2);
  expect((await graft(["add"], { cwd: app })).stderr).toContain("the adapter is missing");
});
