import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LockFile, ProjectFile } from "@graft/client";
import { explainAdapter, findProjectFolder, Project } from "@graft/client/node";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../a-client.ts";
import { anApp, type AppRegistry, appRegistry } from "./an-app.ts";

let registry: AppRegistry;
beforeAll(async () => {
  registry = await appRegistry();
  await registry.publish("@acme/topics@1.0.0", { value: 1 });
  await registry.publish("@acme/topics@1.1.0", { value: 2 });
  await registry.publish("@acme/toxicity@2.1.0", { value: 3 });
  await registry.publish("@other/mood@0.3.0", { value: 4, base: "other" });
});

const read = async (folder: string, name: string): Promise<unknown> => JSON.parse(await readFile(join(folder, name), "utf8"));
const lockOf = async (folder: string): Promise<LockFile> => LockFile.parse(await read(folder, "graft-lock.json"));

test("what is added stands in graft.json with its range and in the lock with version, digest, base and registry", async () => {
  const { folder, project } = await anApp({ registry: registry.server.url });
  const { adapters, changes } = await project.add(["@acme/topics", "@acme/toxicity@2.1.0", "@other/mood@^0.3"]);
  expect(changes).toEqual([
    { name: "@acme/topics", to: "1.1.0" },
    { name: "@acme/toxicity", to: "2.1.0" },
    { name: "@other/mood", to: "0.3.0" },
  ]);
  expect(ProjectFile.parse(await read(folder, "graft.json")).adapters).toEqual({
    "@acme/topics": "^1.1.0",
    "@acme/toxicity": "2.1.0",
    "@other/mood": "^0.3",
  });
  const lock = await lockOf(folder);
  expect(lock.registries).toEqual({ "@acme": registry.server.url, "@other": registry.server.url });
  for (const { name, path, digest } of adapters) {
    expect(lock.adapters[name]?.digest).toBe(digest);
    expect(existsSync(path)).toBe(true);
  }
  expect(lock.adapters["@acme/topics"]?.base).toBe(lock.adapters["@acme/toxicity"]?.base);
  expect(lock.adapters["@acme/topics"]?.base).not.toBe(lock.adapters["@other/mood"]?.base);
  expect(readdirSync(folder).toSorted()).toEqual(["graft-lock.json", "graft.json"]);
});

test("exact asks for one version alone, and a range that names an older one gets it", async () => {
  const { folder, project } = await anApp({ registry: registry.server.url });
  await project.add(["@acme/topics@~1.0"]);
  expect((await lockOf(folder)).adapters["@acme/topics"]?.version).toBe("1.0.0");
  await project.add(["@acme/topics"], { exact: true });
  expect(await read(folder, "graft.json")).toEqual({ adapters: { "@acme/topics": "1.1.0" } });
});

test("install takes what is pinned, not what is newest, and needs no registry when the cache has it", async () => {
  const own = await appRegistry();
  await own.publish("@acme/a@1.0.0");
  const { folder, cache, project } = await anApp({ registry: own.server.url });
  await project.add(["@acme/a@^1"]);
  await own.publish("@acme/a@1.5.0", { value: 2 });
  const text = await readFile(join(folder, "graft-lock.json"), "utf8");
  const fresh = await anApp({ folder });
  expect(await fresh.project.install()).toMatchObject({ adapters: [{ name: "@acme/a", version: "1.0.0", cached: false }], changes: [] });
  await own.server.close();
  for (const frozen of [false, true]) {
    const offline = await anApp({ folder, cache });
    expect(await offline.project.install({ frozen })).toMatchObject({ adapters: [{ version: "1.0.0", cached: true }], changes: [] });
  }
  expect(await readFile(join(folder, "graft-lock.json"), "utf8")).toBe(text);
  await expect((await anApp({ folder })).project.install()).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
});

test("a frozen install refuses a lock that does not say what graft.json asks for, and changes nothing", async () => {
  const { folder, project } = await anApp({ registry: registry.server.url });
  await project.add(["@acme/topics@^1"]);
  const lock = await readFile(join(folder, "graft-lock.json"), "utf8");
  await writeFile(join(folder, "graft.json"), JSON.stringify({ adapters: { "@acme/topics": "~1.0", "@acme/toxicity": "*" } }));
  await expect(project.install({ frozen: true })).rejects.toMatchObject({
    code: "LOCK_OUTDATED",
    detail: { differing: ["@acme/topics", "@acme/toxicity"] },
  });
  expect(await readFile(join(folder, "graft-lock.json"), "utf8")).toBe(lock);
  expect((await project.install()).changes).toEqual([
    { name: "@acme/topics", from: "1.1.0", to: "1.0.0" },
    { name: "@acme/toxicity", to: "2.1.0" },
  ]);
  expect((await project.install({ frozen: true })).changes).toEqual([]);
});

test("update moves within the ranges, outdated says what is beyond them", async () => {
  const own = await appRegistry();
  await own.publish("@acme/a@1.0.0");
  await own.publish("@acme/b@1.0.0", { value: 2 });
  const { folder, project } = await anApp({ registry: own.server.url });
  await project.add(["@acme/a", "@acme/b"]);
  expect(await project.outdated()).toEqual([]);
  await own.publish("@acme/a@1.2.0", { value: 3 });
  await own.publish("@acme/a@2.0.0", { value: 4 });
  await own.publish("@acme/b@1.0.1", { value: 5 });
  expect(await project.outdated()).toEqual([
    { name: "@acme/a", current: "1.0.0", wanted: "1.2.0", latest: "2.0.0", range: "^1.0.0" },
    { name: "@acme/b", current: "1.0.0", wanted: "1.0.1", latest: "1.0.1", range: "^1.0.0" },
  ]);
  expect((await project.update(["@acme/b"])).changes).toEqual([{ name: "@acme/b", from: "1.0.0", to: "1.0.1" }]);
  expect((await project.update()).changes).toEqual([{ name: "@acme/a", from: "1.0.0", to: "1.2.0" }]);
  expect(await read(folder, "graft.json")).toEqual({ adapters: { "@acme/a": "^1.0.0", "@acme/b": "^1.0.0" } });
  expect(await project.outdated()).toMatchObject([{ name: "@acme/a", current: "1.2.0", latest: "2.0.0" }]);
});

test("what is removed leaves both files and the cache keeps its bytes", async () => {
  const { folder, project } = await anApp({ registry: registry.server.url });
  const { adapters } = await project.add(["@acme/topics", "@other/mood"]);
  expect((await project.remove(["@other/mood"])).changes).toEqual([{ name: "@other/mood", from: "0.3.0" }]);
  expect(await read(folder, "graft.json")).toEqual({ adapters: { "@acme/topics": "^1.1.0" } });
  expect(Object.keys((await lockOf(folder)).registries)).toEqual(["@acme"]);
  for (const { path } of adapters) expect(existsSync(path)).toBe(true);
  await expect(project.remove(["@other/mood"])).rejects.toMatchObject({ code: "USAGE" });
  await expect(project.update(["@other/mood"])).rejects.toMatchObject({ code: "USAGE" });
});

test("ls and why tell what is pinned, what asks for it, and which adapters share its base", async () => {
  const { folder, project } = await anApp({ registry: registry.server.url });
  await project.add(["@acme/topics@^1", "@acme/toxicity", "@other/mood"]);
  const listed = await project.list();
  expect(listed.map(({ name, version, registry: from }) => [name, version, from])).toEqual([
    ["@acme/topics", "1.1.0", registry.server.url],
    ["@acme/toxicity", "2.1.0", registry.server.url],
    ["@other/mood", "0.3.0", registry.server.url],
  ]);
  expect(listed.every(({ path }) => path !== undefined)).toBe(true);
  for (const wanted of ["@acme/topics", "@acme/topics@1.1.0", listed[0]?.digest ?? ""]) {
    expect(await explainAdapter(folder, wanted)).toMatchObject({
      name: "@acme/topics",
      asked: "^1",
      pinned: { version: "1.1.0" },
      registry: registry.server.url,
      beside: ["@acme/toxicity"],
    });
  }
  await expect(explainAdapter(folder, "@acme/nothing")).rejects.toMatchObject({ code: "USAGE" });
});

test("bytes that the registry has under a pinned version now are refused", async () => {
  const [own, other] = [await appRegistry(), await appRegistry()];
  await own.publish("@acme/a@1.0.0", { value: 1 });
  await other.publish("@acme/a@1.0.0", { value: 2 });
  const { folder, project } = await anApp({ registry: own.server.url });
  await project.add(["@acme/a"]);
  const elsewhere = await anApp({ folder, registry: other.server.url });
  await expect(elsewhere.project.install()).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
});

test("a scope comes from one registry: the lock's", async () => {
  const other = await appRegistry();
  await other.publish("@acme/b@1.0.0");
  const { folder, project } = await anApp({ registry: registry.server.url });
  await project.add(["@acme/topics"]);
  const lock = await readFile(join(folder, "graft-lock.json"), "utf8");
  await expect((await anApp({ folder, registry: other.server.url })).project.add(["@acme/b"])).rejects.toMatchObject({ code: "CONFLICT" });
  expect(await readFile(join(folder, "graft-lock.json"), "utf8")).toBe(lock);
  // Whoever has set nothing uses what the lock names.
  await (await anApp({ folder, environment: { GRAFT_REGISTRY: other.server.url } })).project.add(["@acme/toxicity"]);
  expect((await lockOf(folder)).registries).toEqual({ "@acme": registry.server.url });
});

test("a token of the environment never goes to a registry that only the lock names", async () => {
  const { folder, project } = await anApp({ registry: registry.server.url });
  await project.add(["@acme/topics"]);
  const seen: (string | null)[] = [];
  const watching: typeof fetch = (input, init) => {
    seen.push(new Headers(init?.headers).get("authorization"));
    return fetch(input, init);
  };
  const environment = { GRAFT_TOKEN: "graft_secret", GRAFT_REGISTRY: "http://127.0.0.1:9" };
  await (await anApp({ folder, fetch: watching, environment })).project.install();
  expect(seen.length).toBeGreaterThan(0);
  expect(new Set(seen)).toEqual(new Set([null]));
});

test("two processes and two calls that add at once all find their adapters in both files", async () => {
  const { folder, cache, project } = await anApp({ registry: registry.server.url });
  const script = join(import.meta.dirname, "add-process.ts");
  const children = ["@acme/topics", "@other/mood"].map((name) =>
    spawn(process.execPath, ["--conditions=@graft/source", script, folder, registry.server.url, cache, name], { stdio: "inherit" }),
  );
  const ended = children.map(async (child) => (await once(child, "close"))[0] as number);
  await Promise.all([project.add(["@acme/toxicity"]), project.add(["@acme/topics"])]);
  expect(await Promise.all(ended)).toEqual([0, 0]);
  expect(Object.keys(ProjectFile.parse(await read(folder, "graft.json")).adapters)).toEqual([
    "@acme/topics",
    "@acme/toxicity",
    "@other/mood",
  ]);
  expect(Object.keys((await lockOf(folder)).adapters)).toEqual(["@acme/topics", "@acme/toxicity", "@other/mood"]);
});

test("an adapter that cannot be got leaves both files as they were", async () => {
  const { folder, project } = await anApp({ registry: registry.server.url });
  await expect(project.add(["@acme/topics", "@acme/nothing"])).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(readdirSync(folder)).toEqual([]);
  const stop = new AbortController();
  const stopping = project.add(["@acme/topics"], { signal: stop.signal, progress: () => stop.abort(new Error("stopped")) });
  await expect(stopping).rejects.toMatchObject({ code: "CANCELLED" });
  expect(readdirSync(folder)).toEqual([]);
  expect((await project.add(["@acme/topics"])).changes).toEqual([{ name: "@acme/topics", to: "1.1.0" }]);
});

test.each([
  ["graft.json", "{", "it is no JSON"],
  ["graft.json", '{"adapters":{"topics":"^1"}}', 'adapters → topics: want "@scope/name"'],
  ["graft.json", '{"adapters":{"@acme/topics":"not a range"}}', "adapters → @acme/topics: want a range"],
  ["graft-lock.json", '{"lockVersion":9,"registries":{},"adapters":{}}', "lockVersion"],
])("a broken %s is refused with its path: %s", async (name, text, why) => {
  const { folder, project } = await anApp({ registry: registry.server.url });
  await writeFile(join(folder, "graft.json"), "{}");
  await writeFile(join(folder, name), text);
  await expect(project.install()).rejects.toMatchObject({ code: "USAGE", message: expect.stringContaining(why) });
});

test("an app is found from the folders in it", async () => {
  const { folder, project } = await anApp({ registry: registry.server.url });
  await project.add(["@acme/topics"]);
  const inside = join(folder, "src", "pages");
  mkdirSync(inside, { recursive: true });
  expect(await findProjectFolder(inside)).toBe(folder);
  expect(await findProjectFolder(temporaryFolder())).toBeUndefined();
  expect((await (await Project.open(folder)).list())[0]?.name).toBe("@acme/topics");
});
