import { existsSync, readdirSync, statSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measureMatrices } from "@graft/architectures";
import { openBase, identifyBase } from "@graft/architectures/node";
import { createClient, Project } from "@graft/client/node";
import { hashFile } from "@graft/digest/node";
import { prepareVersion } from "@graft/format";
import { BundleFile, bundleSchemas, load, writeBundle } from "@graft/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningServer, startServer } from "../../../../apps/server/src/start-server.ts";
import { tinyCheckpoint } from "../../../../apps/cli/test/tiny-checkpoint.ts";
import { randomAdapter } from "../../../loader/test/random-adapter.ts";

const TEXTS = ["a small cat", "the red oak"];

let home: string;
let server: RunningServer;
let app: { project: string; base: string; cache: string };

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "graft-bundle-"));
  server = await startServer({ data: join(home, "registry"), host: "127.0.0.1", port: 0, logLevel: "silent" });
  app = { project: join(home, "app"), base: await tinyCheckpoint(join(home, "base")), cache: join(home, "cache") };
  const base = await openBase(app.base);
  const client = await createClient({ registry: server.url, token: server.token, cache: app.cache });
  const identity = await identifyBase(base);
  await client.registry.registerBase({ ...identity.reference, matrices: await measureMatrices(base, identity) });
  for (const [name, seed] of [
    ["@test/topics", 1],
    ["@test/mood", 2],
  ] as const)
    await client.publish(await prepareVersion(await randomAdapter(base, { seed }), { name, version: "1.2.0" }));
  await mkdir(app.project);
  await (await Project.open(app.project, { registry: server.url, cache: app.cache })).add(["@test/topics", "@test/mood"]);
});
afterAll(async () => {
  await server.close();
  await rm(home, { recursive: true, force: true });
});

/** What the adapters of the app say without a bundle. */
async function expected(name: string): Promise<Float32Array[]> {
  await using model = await load(app.base, { adapters: [name], project: app.project, cache: app.cache, threads: 1 });
  return (await model.run(TEXTS)).map(({ logits }) => logits);
}

function close(found: readonly Float32Array[], wanted: readonly Float32Array[]): void {
  for (const [row, logits] of found.entries())
    for (const [index, value] of logits.entries()) expect(value).toBeCloseTo(wanted[row]?.[index] ?? Number.NaN, 4);
}

test.each(["attach", "merge"] as const)(
  "a bundle in mode %s is loaded without a registry and says what the registry's adapters say",
  async (mode) => {
    const output = join(home, `models-${mode}`);
    const { bundle, size } = await writeBundle({ ...app, output, mode });
    expect(BundleFile.parse(JSON.parse(await readFile(join(output, "graft-bundle.json"), "utf8")))).toEqual(bundle);
    expect(size).toBeLessThan(3 * statSync(join(app.base, "model.safetensors")).size);
    for (const { path, digest } of [...bundle.base.files, ...Object.values(bundle.adapters)])
      expect((await hashFile(join(output, path))).digest).toBe(digest);
    // One copy of the weights, however many adapters are merged.
    expect(readdirSync(join(output, "base")).filter((name) => name.startsWith("model"))).toEqual(["model.safetensors"]);
    const nobody = { registry: "http://127.0.0.1:9", project: false, threads: 1 } as const;
    await using model = await load(output, nobody);
    expect(model.mode).toBe(mode);
    expect(model.adapters.map(({ name, fit }) => [name, fit])).toEqual([
      ["@test/mood", "file"],
      ["@test/topics", "file"],
    ]);
    for (const adapter of ["@test/topics", "@test/mood"])
      close(
        (await model.run(TEXTS, { adapter })).map(({ logits }) => logits),
        await expected(adapter),
      );
  },
);

test("a bundle has the versions that it was made of, and says which", async () => {
  const output = join(home, "versions");
  await writeBundle({ ...app, output });
  await using model = await load(output, { adapters: ["@test/topics@^1"], threads: 1 });
  expect(model.current).toBe("@test/topics");
  await expect(load(output, { adapters: ["@test/topics@^2"] })).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: expect.stringContaining("@test/mood@1.2.0, @test/topics@1.2.0"),
  });
  await expect(writeBundle({ ...app, output })).rejects.toMatchObject({ code: "NOT_WRITABLE" });
  await writeBundle({ ...app, output, overwrite: true });
});

test("a base of a Hugging Face cache, whose files are links, is bundled under its names", async () => {
  const hub = join(home, "hub");
  await mkdir(join(hub, "blobs"), { recursive: true });
  await mkdir(join(hub, "snapshots/abc"), { recursive: true });
  for (const [index, name] of readdirSync(app.base).entries()) {
    await copyFile(join(app.base, name), join(hub, "blobs", `blob${index}`));
    await symlink(join("../../blobs", `blob${index}`), join(hub, "snapshots/abc", name));
  }
  const output = join(home, "of-hub");
  const { bundle } = await writeBundle({ ...app, base: join(hub, "snapshots/abc"), output });
  expect(bundle.base.files.map(({ path }) => path)).toEqual(["base/config.json", "base/model.safetensors", "base/tokenizer.json"]);
  await using model = await load(output, { threads: 1 });
  expect(await model.run(TEXTS)).toHaveLength(2);
});

test("a base that the adapters do not fit leaves no bundle", async () => {
  const other = await tinyCheckpoint(join(home, "other"), { seed: 7 });
  await expect(writeBundle({ ...app, base: other, output: join(home, "none") })).rejects.toMatchObject({ code: "BASE_MISMATCH" });
  expect(existsSync(join(home, "none"))).toBe(false);
});

test.each([
  ["a path that leaves it", { path: "../secret", size: 1 }],
  ["an absolute path", { path: "/etc/passwd", size: 1 }],
])("a bundle with %s is refused", async (_, file) => {
  const folder = await mkdtemp(join(home, "bad-"));
  const base = { name: "b", fingerprint: `sha256:${"0".repeat(64)}`, path: "base", files: [] };
  const adapter = { ...file, version: "1.0.0", digest: `sha256:${"0".repeat(64)}` };
  await writeFile(join(folder, "graft-bundle.json"), JSON.stringify({ bundleVersion: 1, base, adapters: { "@a/b": adapter } }));
  await expect(load(folder)).rejects.toMatchObject({ code: "USAGE" });
});

test("a changed adapter of a bundle is refused", async () => {
  const output = join(home, "changed");
  const { bundle } = await writeBundle({ ...app, output });
  const path = join(output, bundle.adapters["@test/topics"]?.path ?? "");
  const bytes = await readFile(path);
  bytes[bytes.length - 2] = (bytes.at(-2) ?? 0) ^ 1;
  await writeFile(path, bytes);
  await expect(load(output)).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
});

test("without adapters named, load takes what the lock pins, offline, and follows downloads", async () => {
  const seen = new Set<string>();
  const options = { project: app.project, cache: join(home, "fresh"), threads: 1 } as const;
  await using model = await load(app.base, { ...options, progress: (name) => seen.add(name) });
  expect(model.adapters.map(({ name }) => name)).toEqual(["@test/mood", "@test/topics"]);
  expect(seen).toEqual(new Set(["@test/mood", "@test/topics"]));
  await using offline = await load(app.base, { ...options, registry: "http://127.0.0.1:9" });
  expect(offline.adapters).toHaveLength(2);
  await expect(load(app.base, { project: false })).rejects.toMatchObject({ code: "USAGE" });
});

test.each(Object.keys(bundleSchemas()))("%s is what the code generates (else run packages/sdk/scripts/write-schemas.ts)", async (name) => {
  const schemas = join(import.meta.dirname, "../../../../schemas");
  expect(await readFile(join(schemas, name), "utf8")).toBe(`${JSON.stringify(bundleSchemas()[name], null, 2)}\n`);
});
