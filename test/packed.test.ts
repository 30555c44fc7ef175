import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command, isThere, olderNode, succeed } from "./packed/command.ts";
import { type Packed, packAll, publishedNames, readPacked } from "./packed/pack.ts";
import { servePackages } from "./packed/registry.ts";

const absent = ["pnpm", "npm", "tar"].find((name) => !isThere(name));
if (absent !== undefined) console.warn(`Skipped: ${absent} is not on the PATH (npm test puts it there)`);
const oldNode = olderNode();
if (oldNode === undefined) console.warn("Skipped: no Node older than 22.18 is on the PATH");

/** Resolutions that a package of ES modules alone does not answer: attw's profile esm-only. */
const NOT_OURS = ["node10", "node16-cjs"];
const NAMES = publishedNames();
const TOPICS = ["a bird that sings", "a city by the sea"].flatMap((text, index) =>
  [0, 1].map((copy) => ({ text: `${text} ${copy}`, label: ["animal", "location"][index] })),
);

/** What a page brings itself: Node's runtime comes with the packages. */
function pageRuntime({ manifest }: Packed): string {
  return `onnxruntime-web@${manifest.peerDependencies?.["onnxruntime-web"] ?? ""}`;
}

describe.skipIf(absent !== undefined)("the packages as they are published", () => {
  let folder: string;
  let project: string;
  let graft: string;
  let packed: readonly Packed[];
  const find = (name: string): Packed => packed.find(({ manifest }) => manifest.name === name) as Packed;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "graft-packed-"));
    packed = packAll(join(folder, "tarballs"));
    await using registry = await servePackages(packed);
    project = join(folder, "project");
    await mkdir(project);
    await writeFile(join(project, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
    await writeFile(join(project, "pnpm-workspace.yaml"), "packages: []\n");
    await writeFile(join(project, ".npmrc"), `@graft:registry=${registry.url}\n`);
    const global = join(folder, "global");
    graft = join(global, "bin/graft");
    // Scripts of dependencies only fetch CUDA; pnpm's strict layout shows a dependency that is not declared.
    const quick = ["--ignore-scripts", "--prefer-offline"];
    await Promise.all([
      succeed("pnpm", ["add", ...quick, ...NAMES, pageRuntime(find("@graft/runtime"))], project),
      succeed(
        "npm",
        ["install", "--global", "--prefix", global, ...quick, "--no-audit", "--no-fund", `--@graft:registry=${registry.url}`, "@graft/cli"],
        folder,
      ),
    ]);
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(NAMES)("%s passes publint and attw, and carries its licence", async (name) => {
    const bytes = readPacked(find(name));
    const tarball = Uint8Array.from(bytes).buffer;
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg as Record<string, unknown>))).toEqual([]);
    const analysis = await checkPackage(createPackageFromTarballData(bytes));
    const problems = "problems" in analysis ? analysis.problems : [];
    expect(problems.filter((problem) => !("resolutionKind" in problem && NOT_OURS.includes(problem.resolutionKind)))).toEqual([]);
    const files = execFileSync("tar", ["-tzf", find(name).file], { encoding: "utf8" }).split("\n");
    expect(files).toContain("package/LICENSE");
    expect(files.filter((file) => file.endsWith(".tsbuildinfo"))).toEqual([]);
  });

  test("every entry can be imported in an empty project that has all of them", async () => {
    const entries = packed.flatMap(({ manifest }) =>
      Object.keys(manifest.exports ?? {}).flatMap((path) => (path.endsWith(".json") ? [] : [join(manifest.name, path)])),
    );
    const program = `for (const entry of ${JSON.stringify(entries)}) if (Object.keys(await import(entry)).length === 0) console.log(entry);`;
    expect(await succeed(process.execPath, ["--input-type=module", "--eval", program], project)).toBe("");
    expect(entries.length).toBeGreaterThan(NAMES.length);
  });

  test("a program against the published types compiles, and runs an adapter that the global graft trained", async () => {
    const tiny = 'console.log((await import("@graft/tiny-english")).TINY_ENGLISH_FOLDER)';
    const base = (await succeed(process.execPath, ["--input-type=module", "--eval", tiny], project)).trim();
    const data = join(project, "rows.jsonl");
    await writeFile(data, TOPICS.map((row) => `${JSON.stringify(row)}\n`).join(""));
    // Training runs in a worker thread of what was built.
    const run = [
      "train",
      "--base",
      base,
      "--data",
      data,
      "--epochs",
      "1",
      "--batch-size",
      "2",
      "--threads",
      "1",
      "--output",
      "adapter.safetensors",
    ];
    await succeed(graft, run, project);
    expect(await succeed(graft, ["inspect", "adapter.safetensors"], project)).toContain("text-classification");

    await writeFile(
      join(project, "program.ts"),
      `import { load } from "@graft/sdk";
await using model = await load(${JSON.stringify(base)}, { adapters: ["./adapter.safetensors"] });
const [answer] = await model.run(["a small yellow bird"]);
const label: string | undefined = answer?.label;
console.log(label);
`,
    );
    const strict = [
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--lib",
      "es2024,esnext.disposable,dom",
      "--strict",
      "--skipLibCheck",
      "--types",
      "",
    ];
    await succeed(join(import.meta.dirname, "../node_modules/.bin/tsc"), [...strict, "program.ts"], project);
    expect(await succeed(process.execPath, ["program.js"], project)).toMatch(/^(animal|location)\n$/);
  });

  test("the global graft tells its version", async () => {
    expect(await succeed(graft, ["--version"], folder)).toBe(`${find("@graft/cli").manifest.version}\n`);
  });

  test.skipIf(oldNode === undefined)("under an older Node the global graft says in one line what it needs", async () => {
    const { status, stdout, stderr } = await command(oldNode ?? "", [graft, "--version"], folder);
    expect([status, stdout]).toEqual([6, ""]);
    expect(stderr).toMatch(/^graft needs Node 22\.18 or newer; this is v[\d.]+ \[NODE_TOO_OLD\].*\n$/);
  });

  test("no published package names a version of the workspace's own making", async () => {
    const versions = packed.flatMap(({ manifest }) => Object.values(manifest.dependencies ?? {}));
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    const lock = await readFile(join(project, "pnpm-lock.yaml"), "utf8");
    // Two copies of the native runtime cannot share a process.
    expect(new Set(lock.match(/onnxruntime-node@\d+\.\d+\.\d+/g))).toHaveLength(1);
  });
});
