import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BundleFile } from "@graft/sdk";
import { graft } from "@graft/vite";
import { build, createServer, type InlineConfig, preview } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromiumPath, openChromium } from "../../../test/browser/chromium.ts";
import { anApp, type TestApp } from "../../sdk/test/an-app.ts";

const conditions = ["@graft/source", "browser", "module", "import", "default"];
/** In the workspace, where a site finds its packages. */
const place = join(import.meta.dirname, "../../../.cache");

let app: TestApp;
beforeAll(async () => {
  await mkdir(place, { recursive: true });
  app = await anApp(await mkdtemp(join(place, "vite-app-")));
  for (const [name, value] of Object.entries(app.environment)) process.env[name] = value;
  await writeFile(
    join(app.folder, "index.html"),
    '<!doctype html><link rel="icon" href="data:," /><script type="module" src="/main.ts"></script>',
  );
  await writeFile(
    join(app.folder, "main.ts"),
    `import topics from "graft:@test/topics";
const [answer] = await topics.run(["a small cat"]);
Object.assign(globalThis, { answer: { label: answer?.label, labels: topics.labels, version: topics.version } });
`,
  );
});
afterAll(() => rm(app.folder, { recursive: true, force: true }));

const config = (): InlineConfig => ({
  root: app.folder,
  configFile: false,
  logLevel: "error",
  resolve: { conditions },
  plugins: [graft()],
});

test("a built site has the base and its adapters, and a page of it answers", async () => {
  const outDir = join(app.folder, "dist");
  await build({ ...config(), build: { outDir } });
  const bundle = BundleFile.parse(JSON.parse(await readFile(join(outDir, "graft/graft-bundle.json"), "utf8")));
  expect(Object.keys(bundle.adapters)).toEqual(["@test/mood", "@test/topics"]);
  expect(await readFile(join(app.folder, "graft-env.d.ts"), "utf8")).toContain('"act" | "animal" | "plant"');
  if (chromiumPath === undefined) return;
  const server = await preview({
    root: app.folder,
    configFile: false,
    logLevel: "error",
    build: { outDir },
    preview: { host: "127.0.0.1", port: 0 },
  });
  const browser = await openChromium();
  try {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(`http://127.0.0.1:${(server.httpServer.address() as { port: number }).port}/`);
    await page.waitForFunction("'answer' in globalThis", undefined, { timeout: 60_000 }).catch((cause: unknown) => {
      throw new Error(`the page has no answer: ${problems.join("; ")}`, { cause });
    });
    const answer = (await page.evaluate("answer")) as { label: string; labels: string[]; version: string };
    expect(answer).toMatchObject({ labels: ["act", "animal", "plant"], version: "1.2.0" });
    expect(answer.labels).toContain(answer.label);
  } finally {
    await browser.close();
    await server.close();
  }
});

test("in development the module and the files are served, by ranges", async () => {
  const server = await createServer({
    ...config(),
    server: { host: "127.0.0.1", port: 0, hmr: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  await server.listen();
  try {
    const origin = `http://127.0.0.1:${(server.httpServer?.address() as { port: number } | null)?.port}`;
    const text = await (await fetch(`${origin}/@id/__x00__graft:@test/mood`)).text();
    expect(text).toContain('"labels":["good","bad"]');
    const part = await fetch(`${origin}/graft/base/model.safetensors`, { headers: { range: "bytes=8-15" } });
    expect([part.status, part.headers.get("content-range")?.startsWith("bytes 8-15/"), (await part.arrayBuffer()).byteLength]).toEqual([
      206,
      true,
      8,
    ]);
    expect((await fetch(`${origin}/graft/nothing`)).status).toBe(404);
    expect((await fetch(`${origin}/graft/..%2f..%2fpackage.json`)).status).toBe(404);
  } finally {
    await server.close();
  }
});

test("a module that the app does not use is refused with what to do", async () => {
  await writeFile(join(app.folder, "wrong.ts"), 'import "graft:@test/nothing";\n');
  const outDir = join(app.folder, "wrong");
  await expect(build({ ...config(), build: { outDir, rollupOptions: { input: join(app.folder, "wrong.ts") } } })).rejects.toThrow(
    'Cannot import "graft:@test/nothing": the app does not use it',
  );
});
