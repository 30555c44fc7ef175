import { readdirSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startServer, type RunningServer } from "@graft/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { grafter, temporaryFolder } from "./run-graft.ts";
import { tinyCheckpoint, tinyData } from "./tiny-checkpoint.ts";

const home = temporaryFolder();
const graft = grafter(home);
let server: RunningServer;

/** Runs a command that must go well and gives its JSON. */
async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await graft([...args, "--json", "--quiet"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as T;
}

beforeAll(async () => {
  server = await startServer({ data: join(home, "registry"), host: "127.0.0.1", port: 0, logLevel: "silent" });
  await tinyCheckpoint(join(home, "base"));
  await tinyData(join(home, "rows.jsonl"));
});
afterAll(() => server.close());

test("an adapter goes from rows to a merged model through a registry", async () => {
  const added = await json<{ fingerprint: string }>("base", "add", "./base", "--name", "tiny");
  const trained = await json<{ steps: number; parameters: number }>(
    "train",
    "--base",
    "tiny",
    "--data",
    "rows.jsonl",
    "--eval",
    "rows.jsonl",
    "--output",
    "a.safetensors",
    "--epochs",
    "2",
    "--learning-rate",
    "0.01",
  );
  expect(trained.steps).toBe(4);

  const { code, stdout } = await graft(["login", "--registry", server.url], { input: `${server.token ?? ""}\n` });
  expect([code, stdout]).toEqual([0, `Logged in to ${server.url} as "first administrator"\n`]);
  expect(await json("whoami")).toMatchObject({ registry: server.url, actions: ["read", "publish", "admin"] });

  const unknown = await graft(["publish", "a.safetensors", "--name", "@test/topics", "--version", "1.0.0", "--quiet"]);
  expect(unknown).toMatchObject({ code: 5, stdout: "" });
  expect(unknown.stderr).toMatch(/\[BASE_UNKNOWN\]. Register it first: graft base publish <path>\n$/);
  expect(await json("base", "publish", "tiny", "--name", "tiny-bert")).toMatchObject({
    status: "created",
    base: { name: "tiny-bert", fingerprint: added.fingerprint },
  });
  expect(await json("publish", "a.safetensors", "--name", "@test/topics", "--version", "1.0.0")).toMatchObject({
    status: "created",
    tags: ["latest"],
  });
  expect(await json("publish", "a.safetensors", "--name", "@test/topics", "--version", "1.0.0")).toMatchObject({ status: "exists" });
  expect(await json("search", "topics")).toMatchObject({ results: [{ name: "@test/topics", baseName: "tiny-bert" }] });

  const pulled = await json<{ digest: string }>("pull", "@test/topics@^1", "--output", "pulled.safetensors");
  expect(await json("inspect", "pulled.safetensors")).toMatchObject({
    kind: "adapter",
    digest: pulled.digest,
    warnings: [],
    manifest: { name: "@test/topics", base: { fingerprint: added.fingerprint } },
  });

  const attached = await json<{ accuracy: number }>("eval", "--base", "tiny", "--adapter", "a.safetensors", "--data", "rows.jsonl");
  const merged = await json<{ accuracy: number; rows: number }>(
    "eval",
    "--base",
    "tiny",
    "--adapter",
    "@test/topics@1.0.0",
    "--data",
    "rows.jsonl",
    "--mode",
    "merge",
  );
  expect(merged).toMatchObject({ accuracy: attached.accuracy, rows: 24 });

  expect(await json("merge", "--base", "tiny", "--adapter", "@test/topics", "--output", "out/merged")).toMatchObject({
    files: expect.arrayContaining([expect.objectContaining({ name: "model.safetensors", how: "linked" })]),
  });
  expect(statSync(join(home, "out/merged/model.safetensors")).ino).toBe(statSync(join(home, "base/model.safetensors")).ino);
  expect(await json("inspect", "out/merged/model.onnx")).toMatchObject({ kind: "onnx", metadata: { "graft.merged": pulled.digest } });
  const again = await graft(["merge", "--base", "out/merged/model.onnx", "--adapter", "a.safetensors", "--output", "twice"]);
  expect(again).toMatchObject({ code: 4, stdout: "" });
  expect(again.stderr).toContain("[MERGED_BASE]");

  expect(readdirSync(home).toSorted()).toEqual([
    "a.safetensors",
    "base",
    "cache",
    "config.json",
    "data",
    "known-registries.json",
    "out",
    "pulled.safetensors",
    "registry",
    "rows.jsonl",
  ]);
});

test("texts are classified from an argument, from standard input and from a file, with scores that sum to 1", async () => {
  const model = ["--base", "base", "--adapter", "a.safetensors"];
  const [one] = await json<{ label: string; scores: Record<string, number> }[]>("predict", ...model, "a small cat");
  expect(Object.values(one?.scores ?? {}).reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 5);
  const piped = await graft(["predict", ...model], { input: "a small cat\n\nthe red oak\n" });
  expect(piped.stdout.split("\n")).toEqual([
    expect.stringMatching(new RegExp(`^${one?.label}  0\\.\\d{3}  a small cat$`)),
    expect.stringMatching(/ {2}the red oak$/),
    "",
  ]);
  expect(await json("predict", ...model, "--data", "rows.jsonl")).toHaveLength(24);
});

test("the fingerprint of a folder, of its name and of the file in it are the same line", async () => {
  const { stdout } = await graft(["fingerprint", "./base"]);
  expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  expect((await json<{ fingerprint: string; matrices: unknown[] }>("fingerprint", "tiny")).fingerprint).toBe(stdout.trim());
});

test("a base is listed and forgotten, its files stay", async () => {
  expect(await json("base", "list")).toMatchObject([{ name: "tiny", path: join(home, "base") }]);
  const taken = await graft(["base", "add", "out/merged", "--name", "tiny"]);
  expect(taken.code).not.toBe(0);
  await json("base", "remove", "tiny");
  expect(await json("base", "list")).toEqual([]);
  expect(readdirSync(join(home, "base"))).toContain("model.safetensors");
});

test("tokens are made, listed and revoked", async () => {
  const { token, record } = await json<{ token: string; record: { id: string } }>(
    "token",
    "create",
    "--label",
    "ci",
    "--names",
    "@test/*",
    "--actions",
    "read",
  );
  const refused = await graft(["publish", "a.safetensors", "--name", "@test/topics", "--version", "2.0.0", "--token", token, "--quiet"]);
  expect(refused).toMatchObject({ code: 5, stdout: "" });
  expect(refused.stderr).toContain("[FORBIDDEN]");
  await json("token", "revoke", record.id);
  expect(await graft(["whoami", "--token", token])).toMatchObject({ code: 5, stderr: expect.stringContaining("[UNAUTHORIZED]") });
  expect(await json<unknown[]>("token", "list")).toHaveLength(1);
});

test("after logout no token is kept", async () => {
  await json("logout");
  expect(await readFile(join(home, "config.json"), "utf8")).not.toContain("graft_");
  expect((await graft(["whoami"])).stderr).toContain("[REGISTRY_NOT_SET]");
});

test("a registry is served until Ctrl-C", async () => {
  let asked: Promise<Response> | undefined;
  const ended = await graft(["serve", "--data", "served", "--port", "0", "--json"], {
    watch: (text, process) => {
      const url = /"url": "([^"]+)"/.exec(text)?.[1];
      if (url === undefined || !text.endsWith("}\n")) return;
      asked = fetch(`${url}/v1/ping`);
      void asked.then(() => process.kill("SIGINT"));
    },
  });
  expect((await asked)?.status).toBe(200);
  expect(ended).toMatchObject({ code: 0, stderr: "" });
});
