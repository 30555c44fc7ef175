import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startServer } from "@graft/server";
import { afterAll, expect, test } from "vitest";
import { squareAdapter, squareBase } from "../../server/test/a-published-adapter.ts";
import { grafter, temporaryFolder } from "./run-graft.ts";

const home = temporaryFolder();
const graft = grafter(home);
const server = await startServer({ data: join(home, "registry"), port: 0, logLevel: "silent" });
afterAll(() => server.close());
const environment = { GRAFT_REGISTRY: server.url, GRAFT_TOKEN: server.token ?? "" };
const base = squareBase(64);
await fetch(`${server.url}/v1/bases/${base.fingerprint}`, {
  method: "PUT",
  headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
  body: JSON.stringify(base),
});
const { bytes } = await squareAdapter(base, { name: "@acme/topics", version: "1.0.0", value: 1 });
await writeFile(join(home, "adapter.safetensors"), bytes);

test("what an author signed and pinned is verified by name and by file, and what the author did not sign is refused", async () => {
  const made = await graft(["key", "create", "--json"]);
  expect(made).toMatchObject({ code: 0 });
  const { path } = JSON.parse(made.stdout) as { path: string };
  const { key } = JSON.parse((await graft(["key", "export", "--json"])).stdout) as { key: string };
  expect((await graft(["key", "create"])).code).not.toBe(0);
  expect(await graft(["publish", "adapter.safetensors", "--sign-key", path], { environment })).toMatchObject({ code: 0 });
  expect(await graft(["publish", "adapter.safetensors", "--version", "2.0.0"], { environment })).toMatchObject({ code: 0 });
  expect((await graft(["verify", "@acme/topics@1.0.0"], { environment })).stdout).toContain("not pinned");
  expect(await graft(["key", "pin", "@acme", key])).toMatchObject({ code: 0 });
  const verified = await graft(["verify", "@acme/topics@1.0.0"], { environment });
  expect(verified).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/verified[\s\S]*author's key +[0-9a-f]{16}, pinned[\s\S]*entry 0 of 4/),
  });
  const unsigned = await graft(["pull", "@acme/topics@2.0.0", "--json"], { environment });
  expect(unsigned).toMatchObject({ code: 4 });
  expect(`${unsigned.stdout}${unsigned.stderr}`).toContain("AUTHOR_MISMATCH");
  await graft(["pull", "@acme/topics@1.0.0", "--output", "pulled.safetensors"], { environment });
  expect(await graft(["verify", "./pulled.safetensors"], { environment })).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("@acme/topics@1.0.0"),
  });
  const changed = await readFile(join(home, "pulled.safetensors"));
  await writeFile(join(home, "changed.safetensors"), changed.subarray(0, -1));
  expect(await graft(["verify", "./changed.safetensors"], { environment })).toMatchObject({ code: 5 });
  expect(await graft(["key", "pin", "@acme", "--remove"])).toMatchObject({ code: 0 });
  expect(await graft(["verify", "@acme/topics@2.0.0", "--max-age", "1"], { environment })).toMatchObject({ code: 0 });
});

test("bad keys and names are refused in one line", async () => {
  for (const args of [
    ["key", "pin", "@acme", "short"],
    ["key", "pin", "acme", "x"],
    ["key", "pin", "@acme"],
    ["key", "export", "none"],
    ["verify", "./none.safetensors"],
    ["verify", "@acme/topics", "--max-age", "none"],
  ]) {
    const ended = await graft(args, { environment });
    expect([args, ended.code]).not.toEqual([args, 0]);
    expect(ended.stderr).not.toContain("    at ");
  }
});
