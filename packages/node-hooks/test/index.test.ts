import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeTypes } from "@graft/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anApp, type TestApp } from "../../sdk/test/an-app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await anApp(join(await mkdtemp(join(tmpdir(), "graft-hooks-")), "app"));
});
afterAll(() => rm(join(app.folder, ".."), { recursive: true, force: true }));

/** Runs a program of the app in a Node with the hooks. */
function run(place = "main.js"): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const hooks = new URL("../src/index.ts", import.meta.url).href;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--conditions=@graft/source", "--import", hooks, join(app.folder, place)], {
      cwd: tmpdir(),
      env: { ...process.env, ...app.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

test("an adapter is imported by name, from any file of the app, and answers with its own labels on the app's base", async () => {
  await writeFile(join(app.folder, "package.json"), '{ "type": "module" }');
  await mkdir(join(app.folder, "src"), { recursive: true });
  const program = `import topics from "graft:@test/topics";
import mood from "graft:@test/mood";
const [[one], [other]] = await Promise.all([topics.run(["a small cat"]), mood.run(["a small cat"])]);
console.log(JSON.stringify([topics.version, topics.labels, topics.labels.includes(one.label), mood.labels, Object.keys(other.scores)]));
await topics.close();
`;
  await writeFile(join(app.folder, "src/main.js"), program);
  const { code, stdout, stderr } = await run("src/main.js");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toEqual(["1.2.0", ["act", "animal", "plant"], true, ["good", "bad"], ["good", "bad"]]);
});

test("an adapter that the app does not use is refused with what to do", async () => {
  await writeFile(join(app.folder, "main.js"), 'import "graft:@test/nothing";\n');
  const { code, stderr } = await run();
  expect(code).not.toBe(0);
  expect(stderr).toContain('Cannot import "graft:@test/nothing": the app does not use it');
  expect(stderr).toContain("graft add @test/nothing");
});

test("the types of the app's adapters are their labels", async () => {
  for (const [name, value] of Object.entries(app.environment)) process.env[name] = value;
  const path = await writeTypes(app.folder);
  const text = await readFile(path, "utf8");
  expect(text).toContain('declare module "graft:@test/topics" {');
  expect(text).toContain('AdapterModule<"act" | "animal" | "plant">');
});
