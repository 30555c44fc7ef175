import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anAdapter, publishTo } from "../packages/registry/test/an-adapter.ts";
import { runningRegistry, type RunningRegistry } from "./running-registry.ts";
import { type Ended, runProgram } from "./run-program.ts";

let registry: RunningRegistry;
let app: string;
beforeAll(async () => {
  registry = await runningRegistry();
  app = join(registry.folder, "app");
  await mkdir(app);
  const task = { type: "feature-extraction", labels: ["ham", "spam"] };
  for (const version of ["1.0.0", "1.1.0"]) await publishTo(registry, { version, manifest: { task } });
  await publishTo(registry, { version: "2.0.0-rc.1", tag: "next" });
  await writeFile(join(app, "package.json"), JSON.stringify({ name: "app", version: "0.0.0", private: true, type: "module" }));
  await writeFile(join(app, ".npmrc"), `@acme:registry=${registry.url}/npm/\n`);
}, 60_000);
afterAll(() => registry.close());

/** The real npm, with a cache of its own and no other registry to ask. */
const npm = (...args: string[]): Promise<Ended> =>
  runProgram("npm", [...args, "--no-audit", "--no-fund"], {
    cwd: app,
    environment: {
      npm_config_loglevel: "notice",
      npm_config_cache: join(registry.folder, "npm-cache"),
      npm_config_registry: `${registry.url}/npm/`,
      npm_config_update_notifier: "false",
    },
  });

test("npm view shows versions, tags and what an adapter is for", async () => {
  const shown = await npm("view", "@acme/spam", "--json");
  expect(shown.status).toBe(0);
  expect(JSON.parse(shown.stdout)).toMatchObject({
    name: "@acme/spam",
    version: "1.1.0",
    "dist-tags": { latest: "1.1.0", next: "2.0.0-rc.1" },
    description: "Finds spam in short texts",
    graft: { base: { name: "tiny" } },
  });
  expect((await npm("view", "@acme/nothing")).stderr).toContain("E404");
}, 60_000);

test("npm install puts the adapter, a module and its typings into an app, and npm ci holds it to its hash", async () => {
  const installed = await npm("install", "@acme/spam@^1");
  expect([installed.status, installed.stderr]).toEqual([0, ""]);
  const folder = join(app, "node_modules/@acme/spam");
  const { bytes, request } = await anAdapter({
    version: "1.1.0",
    manifest: { task: { type: "feature-extraction", labels: ["ham", "spam"] } },
  });
  expect(new Uint8Array(await readFile(join(folder, "adapter.safetensors")))).toEqual(bytes);
  const lock = JSON.parse(await readFile(join(app, "package-lock.json"), "utf8")) as {
    packages: Record<string, { integrity: string }>;
  };
  const entry = lock.packages["node_modules/@acme/spam"];
  const packed = new Uint8Array(await (await fetch(`${registry.url}/npm/@acme/spam/-/spam-1.1.0.tgz`)).arrayBuffer());
  expect(entry?.integrity).toBe(`sha512-${createHash("sha512").update(packed).digest("base64")}`);

  await writeFile(
    join(app, "use.js"),
    'import { readFileSync } from "node:fs";\nimport { adapter, digest, labels } from "@acme/spam";\nconsole.log(JSON.stringify([readFileSync(adapter).length, digest, labels]));\n',
  );
  const used = await runProgram(process.execPath, ["use.js"], { cwd: app });
  expect(JSON.parse(used.stdout)).toEqual([bytes.length, request.digest, ["ham", "spam"]]);
  await writeFile(
    join(app, "use.ts"),
    'import { adapter, labels } from "@acme/spam";\nconst path: string = adapter.pathname;\nconst label: "ham" | "spam" = labels[0];\n// @ts-expect-error there is no such label\nconst wrong: "eggs" = labels[1];\nvoid [path, label, wrong];\n',
  );
  const compiler = join(import.meta.dirname, "../node_modules/.bin/tsc");
  const checked = await runProgram(
    compiler,
    ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom", "--types", "", "use.ts"],
    { cwd: app },
  );
  expect([checked.status, checked.stdout]).toEqual([0, ""]);

  await rm(join(app, "node_modules"), { recursive: true });
  expect((await npm("ci")).status).toBe(0);
  await writeFile(join(app, "package-lock.json"), JSON.stringify(lock).replace(entry?.integrity ?? "-", `sha512-${"A".repeat(86)}==`));
  await rm(join(app, "node_modules"), { recursive: true });
  expect((await npm("ci")).stderr).toContain("EINTEGRITY");
  await rm(join(app, "package-lock.json"));
}, 120_000);

test("a deprecated version warns whoever installs it, and npm publish is told what to use", async () => {
  await registry.send("PUT", "/v1/adapters/acme/spam/deprecation", { body: { range: "1.0.0", message: "use 1.1.0" } });
  const installed = await npm("install", "@acme/spam@1.0.0");
  expect(installed.stderr).toContain("deprecated @acme/spam@1.0.0: use 1.1.0");
  await writeFile(join(app, "package.json"), JSON.stringify({ name: "@acme/other", version: "1.0.0" }));
  const token = `--//${new URL(registry.url).host}/npm/:_authToken=${registry.token}`;
  const published = await npm("publish", token, "--registry", `${registry.url}/npm/`);
  expect(published.status).not.toBe(0);
  expect(published.stderr).toContain("graft publish");
}, 60_000);
