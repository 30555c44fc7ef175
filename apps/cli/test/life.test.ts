import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startServer, type RunningServer } from "@graft/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { grafter, temporaryFolder } from "./run-graft.ts";
import { tinyCheckpoint, tinyData } from "./tiny-checkpoint.ts";

const home = temporaryFolder();
const graft = grafter(home);
let server: RunningServer;

/** Runs a command against the registry; gives its JSON, or what it said when it failed. */
async function run<T = object>(...args: string[]): Promise<T> {
  const environment = { GRAFT_REGISTRY: server.url, GRAFT_TOKEN: server.token ?? "" };
  const { code, stdout, stderr } = await graft([...args, "--json"], { environment });
  return (code === 0 ? JSON.parse(stdout) : { code, ...(JSON.parse(stderr.trim().split("\n").at(-1) ?? "") as object) }) as T;
}

beforeAll(async () => {
  server = await startServer({ data: join(home, "registry"), host: "127.0.0.1", port: 0, logLevel: "silent" });
  await tinyCheckpoint(join(home, "base"));
  await tinyData(join(home, "rows.jsonl"));
  const train = ["--base", "./base", "--data", "rows.jsonl", "--output", "adapter.safetensors", "--epochs", "1", "--learning-rate", "0.01"];
  await run("train", ...train);
  await copyFile(join(home, "adapter.safetensors"), join(home, "trained.safetensors"));
  await run("base", "publish", "./base", "--name", "tiny-bert", "--license", "MIT");
}, 60_000);
afterAll(() => server.close());

test("a version is counted on, checked, staged, approved, tagged, deprecated and withdrawn", async () => {
  expect(await run("version", "minor", "--name", "@test/topics")).toMatchObject({ version: "1.0.0" });
  await writeFile(join(home, "README.md"), "# Topics\n");
  const results = await run("eval", "--base", "./base", "--adapter", "adapter.safetensors", "--data", "rows.jsonl");
  await writeFile(join(home, "results.json"), JSON.stringify(results));

  const sent = ["publish", "adapter.safetensors", "--evaluation", "results.json"];
  const dry = await run<{ deltas: { ratio: number }[]; files: { path: string }[] }>(...sent, "--dry-run");
  expect(dry).toMatchObject({
    status: "dry-run",
    version: "1.0.0",
    skipped: [],
    files: [{ path: "README.md" }, { path: "evaluation.json" }],
  });
  expect(dry.deltas.every(({ ratio }) => ratio > 0 && ratio < 10)).toBe(true);
  expect(await run("search", "topics")).toMatchObject({ results: [] });
  await writeFile(join(home, "stale.json"), JSON.stringify({ ...results, adapter: `sha256:${"0".repeat(64)}` }));
  expect(await run("publish", "adapter.safetensors", "--evaluation", "stale.json")).toMatchObject({ error: { code: "DIGEST_MISMATCH" } });

  expect(await run(...sent, "--staged")).toMatchObject({ status: "staged", deltas: dry.deltas });
  expect(await run("staged")).toMatchObject({ staged: [{ name: "@test/topics", version: "1.0.0" }] });
  expect(await run("pull", "@test/topics")).toMatchObject({ code: 5, error: { code: "NOT_FOUND" } });
  expect(await run("approve", "@test/topics@1.0.0")).toMatchObject({ status: "created", tags: ["latest"] });
  expect(await run(...sent, "--dry-run")).toMatchObject({ skipped: [expect.stringContaining("published already")] });

  expect(await run("version", "patch")).toMatchObject({ version: "1.0.1", previous: "1.0.0" });
  expect(await run("publish", "adapter.safetensors", "--tag", "next")).toMatchObject({ status: "created", tags: ["next"] });
  expect(await run("tag", "add", "@test/topics@1.0.1", "stable")).toEqual({ latest: "1.0.0", next: "1.0.1", stable: "1.0.1" });
  expect(await run("tag", "rm", "@test/topics", "next")).toEqual({ latest: "1.0.0", stable: "1.0.1" });
  expect(await run("tag", "ls", "@test/topics")).toEqual({ latest: "1.0.0", stable: "1.0.1" });

  expect(await run("deprecate", "@test/topics@1.0.0", "use 1.0.1")).toMatchObject({ versions: ["1.0.0"] });
  const environment = { GRAFT_REGISTRY: server.url };
  const pulled = await graft(["pull", "@test/topics"], { environment });
  expect([pulled.code, pulled.stderr]).toEqual([0, expect.stringContaining("Warning: @test/topics@1.0.0 is deprecated: use 1.0.1")]);
  await mkdir(join(home, "app"));
  const added = await graft(["add", "@test/topics"], { environment, cwd: join(home, "app") });
  expect(added.stderr.match(/Warning: @test\/topics@1.0.0 is deprecated: use 1.0.1/g)).toHaveLength(1);
  expect(await run("deprecate", "@test/topics", "--undo")).toMatchObject({ versions: ["1.0.0"] });

  expect(await run("withdraw", "@test/topics@1.0.1", "--reason", "a mistake")).toMatchObject({ tags: { latest: "1.0.0" } });
  expect(await run("pull", "@test/topics@1.0.1")).toMatchObject({ code: 5, error: { code: "WITHDRAWN" } });
  expect(await run("publish", "adapter.safetensors")).toMatchObject({ code: 5, error: { code: "WITHDRAWN" } });
}, 120_000);

test("a file is recognised, also by its tensors alone, and a base says what fits it", async () => {
  expect(await run("which", "base/model.safetensors")).toMatchObject({ bases: [{ name: "tiny-bert", file: "model.safetensors" }] });
  expect(await run("which", "trained.safetensors")).toMatchObject({
    versions: [{ name: "@test/topics", version: "1.0.0", of: "tensors" }],
  });
  expect(await run("which", "rows.jsonl")).toMatchObject({ code: 5, error: { code: "NOT_FOUND" } });
  expect(await run("find", "--base", "./base")).toMatchObject({
    base: { name: "tiny-bert" },
    matches: [{ name: "@test/topics", fit: "file" }],
  });
}, 60_000);

test("a dry run without a registry says what it could not check", async () => {
  const { code, stdout } = await graft(["publish", "trained.safetensors", "--name", "@test/other", "--version", "1.0.0", "--dry-run"]);
  expect([code, stdout]).toEqual([0, expect.stringContaining("no registry is set")]);
}, 30_000);
