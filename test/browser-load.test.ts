import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measureMatrices } from "@graft/architectures";
import { identifyBase, openBase } from "@graft/architectures/node";
import { createClient, Project } from "@graft/client/node";
import { sha256 } from "@graft/digest";
import { prepareVersion } from "@graft/format";
import { load, writeBundle } from "@graft/sdk";
import { TINY_ENGLISH_FOLDER } from "@graft/tiny-english";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningServer, startServer } from "../apps/server/src/start-server.ts";
import { randomAdapter } from "../packages/loader/test/random-adapter.ts";
import { buildPage, chromiumPath, openChromium, serveBuilt } from "./browser/chromium.ts";
import { type FileServer, serveFiles } from "./browser/file-server.ts";
import type { PageOutcome, PageTask } from "./browser/load-page.ts";

const ROOT = join(import.meta.dirname, "..");
const ROWS = ["a small yellow bird that sings", "a city on the coast", "someone who repairs shoes"];
const NAMES = ["@test/narrow", "@test/wide"];

type Failed = { code: string; message: string };
type Pages = Awaited<ReturnType<typeof serveBuilt>>;

describe.skipIf(chromiumPath === undefined)("loading in a page", () => {
  let home: string;
  let browser: Browser;
  let pages: Pages;
  let registry: RunningServer;
  let files: FileServer;
  let expected: Record<string, number[][]>;
  let digests: Record<string, string>;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "graft-page-"));
    registry = await startServer({ data: join(home, "registry"), host: "127.0.0.1", port: 0, logLevel: "silent" });
    const base = await openBase(TINY_ENGLISH_FOLDER);
    const client = await createClient({ registry: registry.url, token: registry.token, cache: join(home, "cache") });
    const identity = await identifyBase(base);
    await client.registry.registerBase({ ...identity.reference, matrices: await measureMatrices(base, identity) });
    digests = {};
    for (const [index, name] of NAMES.entries()) {
      const adapter = await randomAdapter(base, { seed: index + 1, size: 0.02, method: { name: "lora", rank: 2 + 4 * index, alpha: 4 } });
      const prepared = await prepareVersion(adapter, { name, version: "1.0.0" });
      digests[name] = await sha256(prepared.bytes);
      await client.publish(prepared);
    }
    await (await Project.open(home, { registry: registry.url, cache: join(home, "cache") })).add(NAMES);
    await writeBundle({ project: home, base: TINY_ENGLISH_FOLDER, output: join(home, "site/bundle"), cache: join(home, "cache") });
    await using model = await load(TINY_ENGLISH_FOLDER, { project: home, cache: join(home, "cache"), threads: 1 });
    expected = {};
    for (const name of NAMES) expected[name] = (await model.run(ROWS, { adapter: name })).map(({ logits }) => [...logits]);
    await buildPage(ROOT, { page: "test/browser/load.html", folder: join(home, "pages") });
    [browser, pages, files] = await Promise.all([
      openChromium(),
      serveBuilt(join(home, "pages"), { isolated: true }),
      serveFiles(join(home, "site")),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([pages?.close(), registry?.close(), files?.close()]);
    await rm(home, { recursive: true, force: true });
  });

  /** A page of a site that keeps nothing yet. */
  async function fresh(from: Pages = pages): Promise<Page> {
    const context = await browser.newContext();
    return open(await context.newPage(), from);
  }

  async function open(page: Page, from: Pages = pages): Promise<Page> {
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(`${from.origin}/test/browser/load.html`);
    await page.waitForFunction("'tryPage' in globalThis", undefined, { timeout: 60_000 }).catch((cause: unknown) => {
      throw new Error(`the page did not load: ${problems.join("; ")}`, { cause });
    });
    return page;
  }

  async function run(page: Page, task: Partial<PageTask> & Pick<PageTask, "options">): Promise<PageOutcome & Failed> {
    const whole: PageTask = { base: `${files.origin}/bundle/base/`, rows: ROWS, adapters: NAMES, ...task };
    return page.evaluate(`tryPage(${JSON.stringify(whole)})`) as Promise<PageOutcome & Failed>;
  }

  function expectSame(found: PageOutcome & Failed, tolerance = 1e-4): void {
    expect(found.message).toBeUndefined();
    for (const name of NAMES)
      for (const [row, logits] of (found.logits[name] ?? []).entries())
        for (const [index, value] of logits.entries())
          expect(Math.abs(value - (expected[name]?.[row]?.[index] ?? Number.NaN)), `${name} ${row}`).toBeLessThan(tolerance);
    expect(Object.keys(found.logits)).toEqual(NAMES);
  }

  test.each([
    ["attach", "cpu"],
    ["merge", "cpu"],
    ["attach", "webgpu"],
  ] as const)("adapters of a registry, in mode %s on %s, say what they say in Node", async (mode, device) => {
    const page = await fresh();
    const [narrow = "", wide = ""] = NAMES;
    const mixed = mode === "attach" ? [wide, narrow, wide] : undefined;
    const options = { registry: registry.url, adapters: NAMES.map((name) => `${name}@^1`), mode, device } as const;
    const found = await run(page, { options, ...(mixed === undefined ? {} : { mixed }) });
    expectSame(found);
    // Rows of one batch, each with an adapter of its own rank.
    for (const [row, name] of (mixed ?? []).entries())
      for (const [index, value] of (found.mixed[row] ?? []).entries())
        expect(Math.abs(value - (expected[name]?.[row]?.[index] ?? Number.NaN)), `row ${row} by ${name}`).toBeLessThan(1e-4);
    expect(found.mixed).toHaveLength(mixed?.length ?? 0);
    expect(found).toMatchObject({ mode, isolated: true, fits: ["file", "file"] });
    // The page's own thread went on meanwhile.
    expect(found.ticks).toBeGreaterThan(10);
    await page.context().close();
  });

  test("where the page is not isolated from other origins, one thread does it", async () => {
    const unlike = await serveBuilt(join(home, "pages"), { isolated: false });
    const page = await fresh(unlike);
    const found = await run(page, { options: { registry: registry.url, adapters: NAMES, device: "cpu" } });
    expectSame(found);
    expect(found.isolated).toBe(false);
    await page.context().close();
    await unlike.close();
  });

  test("what was fetched is kept across reloads, and needs neither registry nor server", async () => {
    const [place, server] = [await serveFiles(join(home, "site")), await startCopy(registry)];
    const page = await fresh();
    const task = { base: `${place.origin}/bundle/base/`, options: { registry: server.url, adapters: NAMES, device: "cpu" } } as const;
    expect((await run(page, task)).fetched).toEqual(expect.arrayContaining(["model.safetensors", "tokenizer.json", ...NAMES]));
    place.asked.length = 0;
    await open(page);
    const again = await run(page, task);
    expectSame(again);
    expect(again.fetched).toEqual([]);
    // One byte of each file is asked for, to see whether it changed.
    expect(new Set(place.asked.map(({ range }) => range))).toEqual(new Set(["bytes=0-0"]));
    await Promise.all([place.close(), server.close()]);
    await open(page);
    expectSame(await run(page, task));
    await page.context().close();
  });

  /** Another address of the registry, which can be closed. */
  async function startCopy({ url }: RunningServer): Promise<{ url: string; close: () => Promise<void> }> {
    const { createServer } = await import("node:http");
    const server = createServer((request, response) => {
      void fetch(url + (request.url ?? "/")).then(async (answer) => {
        const headers = [...answer.headers].filter(([name]) => !/^(transfer-encoding|content-encoding|connection)$/.test(name));
        response.writeHead(answer.status, Object.fromEntries(headers)).end(Buffer.from(await answer.arrayBuffer()));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    return {
      url: `http://127.0.0.1:${port}`,
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    };
  }

  test("a download goes on where its connection broke, and where an earlier page gave it up", async () => {
    const place = await serveFiles(join(home, "site"));
    const page = await fresh();
    const task = { base: `${place.origin}/bundle/base/`, options: { registry: registry.url, adapters: NAMES, device: "cpu" } } as const;
    const weights = "/bundle/base/model.safetensors";
    place.cut(weights, 2_000_000);
    place.cut(weights, 3_000_000, { held: true });
    expect((await run(page, { ...task, abortAfter: 4_000_000 })).code).toBe("CANCELLED");
    await open(page);
    expectSame(await run(page, task));
    const asked = place.asked
      .filter(({ path, range }) => path === weights && range !== "bytes=0-0")
      .map(({ range }) => range ?? "bytes=0-");
    const begins = asked.map((range) => Number(/^bytes=(\d+)-$/.exec(range)?.[1]));
    expect(begins).toHaveLength(3);
    expect(begins[0]).toBe(0);
    expect(begins[1]).toBeGreaterThan(0);
    expect(begins[2]).toBeGreaterThan(4_000_000);
    await page.context().close();
    await place.close();
  });

  test("a kept file that was damaged is found and fetched again", async () => {
    const page = await fresh();
    const options = { registry: registry.url, adapters: NAMES, device: "cpu" } as const;
    await run(page, { options });
    const sizes = (await page.evaluate("kept()")) as Record<string, number>;
    const adapter = (digests[NAMES[0] ?? ""] ?? "").slice("sha256:".length);
    const [weights] = Object.entries(sizes).toSorted((left, right) => right[1] - left[1])[0] ?? [];
    await page.evaluate(`damage(${JSON.stringify(adapter)}).then(() => damage(${JSON.stringify(weights)}))`);
    const again = await run(page, { options });
    expectSame(again);
    expect(again.fetched.toSorted()).toEqual([NAMES[0], "model.safetensors"]);
    await page.context().close();
  });

  test("the longest unused files go when the site keeps too much", async () => {
    const page = await fresh();
    const options = { registry: registry.url, device: "cpu" } as const;
    await run(page, { options: { ...options, adapters: [NAMES[0] ?? ""] }, adapters: [NAMES[0] ?? ""] });
    const before = (await page.evaluate("kept()")) as Record<string, number>;
    const first = (digests[NAMES[0] ?? ""] ?? "").slice("sha256:".length);
    expect(before).toHaveProperty(first);
    const total = Object.values(before).reduce((sum, size) => sum + size, 0);
    await run(page, { options: { ...options, adapters: [NAMES[1] ?? ""], cacheSize: total }, adapters: [NAMES[1] ?? ""] });
    const after = (await page.evaluate("kept()")) as Record<string, number>;
    expect(after).not.toHaveProperty(first);
    expect(Object.values(after).reduce((sum, size) => sum + size, 0)).toBeLessThan(total + 1_000_000);
    await page.context().close();
  });

  test("a bundle needs no registry, and every byte of it is checked", async () => {
    const page = await fresh();
    const task = { base: `${files.origin}/bundle`, options: { device: "cpu" } } as const;
    expectSame(await run(page, task));
    await page.context().close();
    const place = await serveFiles(join(home, "site"));
    const bytes = await readFile(join(TINY_ENGLISH_FOLDER, "model.safetensors"));
    bytes[bytes.length - 3] = (bytes.at(-3) ?? 0) ^ 1;
    place.replace("/bundle/base/model.safetensors", bytes);
    const other = await fresh();
    expect((await run(other, { ...task, base: `${place.origin}/bundle` })).code).toBe("DIGEST_MISMATCH");
    await other.context().close();
    await place.close();
  });

  test("another base, and a file that is no base, are refused as in Node", async () => {
    const page = await fresh();
    const options = { registry: registry.url, adapters: NAMES, device: "cpu" } as const;
    const place = await serveFiles(join(home, "site"));
    const bytes = await readFile(join(TINY_ENGLISH_FOLDER, "model.safetensors"));
    const header = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    for (let at = 8 + header; at < bytes.length - 4; at += 40_000) bytes.writeFloatLE(0.5, at - (at % 4));
    place.replace("/bundle/base/model.safetensors", bytes);
    const base = `${place.origin}/bundle/base/`;
    expect(await run(page, { base, options })).toMatchObject({ code: "BASE_MISMATCH", message: expect.stringContaining("other weights") });
    place.replace("/bundle/base/model.safetensors", bytes.subarray(0, 1_000_000));
    expect(await run(page, { base, options })).toMatchObject({ code: "SAFETENSORS_INVALID" });
    expect(await run(page, { base: `${place.origin}/nothing/`, options })).toMatchObject({ code: "BASE_INVALID" });
    expect(await run(page, { options: { ...options, adapters: ["@test/nothing"] } })).toMatchObject({ code: "NOT_FOUND" });
    await page.context().close();
    await place.close();
  });
});
