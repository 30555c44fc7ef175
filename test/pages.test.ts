import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createClient } from "@graft/client/node";
import { prepareVersion } from "@graft/format";
import { TINY_ENGLISH_FOLDER } from "@graft/tiny-english";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openChromium } from "./browser/chromium.ts";
import { PAYLOADS } from "../apps/web/test/readme/payloads.ts";
import { accessibilityFaults, aSite, openPage } from "./pages/a-site.ts";

const PATHS = [
  "/",
  "/search",
  "/search?q=nothing-has-this",
  "/fits",
  "/bases",
  "/@demo",
  "/@demo/gloss-topics",
  "/@demo/gloss-topics/versions",
  "/@demo/gloss-topics/difference?from=1.1.0&to=2.0.0",
  "/@demo/gloss-topics/inside",
  "/@demo/gloss-topics/try",
  "/reference",
  "/no/such/page",
];
const GRAFT = join(import.meta.dirname, "..", "apps", "cli", "src", "main.ts");

describe.skipIf(chromiumPath === undefined)("the pages of a registry", () => {
  let browser: Browser;
  let site: Awaited<ReturnType<typeof aSite>>;

  beforeAll(async () => {
    [browser, site] = await Promise.all([openChromium(), aSite()]);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  test.each(["light", "dark"] as const)("have nothing that axe objects to, %s", async (colorScheme) => {
    const { page, problems } = await openPage(browser, site.origin, { colorScheme });
    for (const path of PATHS) {
      await page.goto(path, { waitUntil: "networkidle" });
      expect([path, await accessibilityFaults(page)]).toEqual([path, []]);
    }
    expect(problems).toEqual([]);
  });

  test.each([320, 768, 3840])("fit a screen of %i pixels", async (width) => {
    const { page } = await openPage(browser, site.origin, { viewport: { width, height: 800 } });
    for (const path of PATHS) {
      await page.goto(path);
      const beyond = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
      expect([path, beyond]).toEqual([path, 0]);
    }
  });

  test("lead from the first page to an install line by keyboard alone, and the line works", async () => {
    const { page, problems } = await openPage(browser, site.origin, { permissions: ["clipboard-read", "clipboard-write"] });
    await page.goto("/");
    for (let tabs = 0; tabs < 5 && !(await page.evaluate("document.activeElement.id === 'site-search'")); tabs++)
      await page.keyboard.press("Tab");
    await page.keyboard.type("lives");
    await page.keyboard.press("Enter");
    await page.waitForURL(/search\?q=lives/);
    await page.locator("#site-search").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/@demo/living-things");
    const button = page.getByRole("button", { name: "Copy on the command line" });
    await button.focus();
    await page.keyboard.press("Enter");
    await page.getByText("Copied").waitFor();
    const [program, ...line] = String(await page.evaluate("navigator.clipboard.readText()")).split(" ");
    expect(program).toBe("graft");
    const output = join(site.folder, "pulled.safetensors");
    const run = [GRAFT, ...line, "--output", output];
    await promisify(execFile)(process.execPath, ["--conditions=@graft/source", ...run], {
      env: { ...process.env, HOME: site.folder, XDG_CACHE_HOME: join(site.folder, "cache") },
    });
    expect((await stat(output)).size).toBeGreaterThan(1000);
    expect(problems).toEqual([]);
  });

  test("are readable, and searched, without scripts", async () => {
    const { page } = await openPage(browser, site.origin, { javaScriptEnabled: false });
    await page.goto("/");
    await page.getByRole("searchbox").fill("vectors");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "@demo/topic-vectors" }).click();
    expect(await page.getByText("graft pull @demo/topic-vectors@1.0.0").count()).toBe(1);
    expect(await page.getByRole("button", { name: /Copy/ }).count()).toBe(0);
  });

  test("show results as one types, and go back to what was there", async () => {
    const { page } = await openPage(browser, site.origin);
    await page.goto("/search");
    await page.getByRole("searchbox").pressSequentially("dora");
    await page.waitForURL(/q=dora/);
    await expect.poll(() => page.locator("#results h2").allTextContents()).toEqual(["@demo/topics-dora"]);
    await page.getByRole("link", { name: "@demo/topics-dora" }).click();
    await page.waitForURL("**/@demo/topics-dora");
    await page.goBack();
    await expect.poll(() => page.locator("#results h2").allTextContents()).toEqual(["@demo/topics-dora"]);
  });

  test("are narrowed by ticking, with scripts and without, and the address can be shared", async () => {
    for (const javaScriptEnabled of [true, false]) {
      const { page, problems } = await openPage(browser, site.origin, { javaScriptEnabled });
      await page.goto("/search");
      await page.getByRole("checkbox", { name: "dora" }).check();
      if (!javaScriptEnabled) await page.getByRole("button", { name: "Apply" }).click();
      await page.waitForURL(/method=dora/);
      await expect.poll(() => page.locator("#results h2").allTextContents()).toEqual(["@demo/topics-dora"]);
      const other = await openPage(browser, site.origin);
      await other.page.goto(page.url());
      expect(await other.page.locator("#results h2").allTextContents()).toEqual(["@demo/topics-dora"]);
      expect(problems).toEqual([]);
    }
  });

  test("tell which adapters fit a model that is dropped, without uploading it", async () => {
    const { page, problems } = await openPage(browser, site.origin);
    const sent: number[] = [];
    page.on("request", (request) => sent.push(request.postDataBuffer()?.length ?? 0));
    await page.goto("/fits");
    await page.locator("input[type=file]").setInputFiles(join(TINY_ENGLISH_FOLDER, "model.safetensors"));
    await page.getByText("This is tiny-english").waitFor({ timeout: 60_000 });
    expect(await page.getByRole("link", { name: "@demo/gloss-topics" }).count()).toBe(1);
    expect(Math.max(...sent)).toBeLessThan(100_000);
    expect(problems).toEqual([]);
  });

  test("look inside a file by ranges: the header, then what is asked for", async () => {
    const { page, problems } = await openPage(browser, site.origin);
    const ranges: string[] = [];
    page.context().on("request", (request) => request.url().includes("/v1/blobs/") && ranges.push(request.headers()["range"] ?? "all"));
    await page.goto("/@demo/gloss-topics/inside");
    await page
      .getByRole("button", { name: /query.lora_A/ })
      .first()
      .click();
    await page.getByRole("img", { name: /Histogram/ }).waitFor({ timeout: 60_000 });
    expect(ranges.length).toBeGreaterThan(0);
    expect(ranges).not.toContain("all");
    await page.getByRole("button", { name: "What did each target learn?" }).click();
    await page.getByText("Singular values of every delta").waitFor({ timeout: 60_000 });
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(problems).toEqual([]);
  });

  test("measure how far the weights moved between two versions", async () => {
    const { page, problems } = await openPage(browser, site.origin);
    await page.goto("/@demo/gloss-topics/versions");
    await page.getByRole("button", { name: "Show the difference" }).click();
    await page.getByRole("button", { name: "Compare the weights" }).click();
    await page.getByRole("columnheader", { name: "Cosine" }).waitFor({ timeout: 60_000 });
    expect(await page.locator("tbody tr", { hasText: "attention.self.query" }).count()).toBe(3);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(problems).toEqual([]);
  });

  test("run an adapter in the tab, beside another and the base alone, and say first how much that fetches", async () => {
    const { page, problems } = await openPage(browser, site.origin);
    await page.goto("/@demo/gloss-topics/try");
    await page.getByText(/The base \(9\.\d+ MB\) and the adapter \(1\.17 MB\)/).waitFor();
    await page.getByRole("checkbox", { name: "@demo/living-things@1.0.0" }).check();
    await page.getByRole("button", { name: "Run it here" }).click();
    await page.getByRole("rowheader", { name: "the base alone" }).waitFor({ timeout: 120_000 });
    const cells = await page.locator("tbody tr").allTextContents();
    expect(cells).toHaveLength(3);
    expect(cells[0]).toMatch(/^@demo\/gloss-topics@2\.0\.0(act|animal|artifact|location|person|plant) \d+ %/);
    expect(cells[1]).toMatch(/lives? \d+ %/);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(problems).toEqual([]);
  });

  test("show what a stranger wrote and run none of it", async () => {
    const client = await createClient({ registry: site.origin, token: site.token, cache: join(site.folder, "cache") });
    const file = await readFile(join(site.folder, "adapters", "demogloss-topics-1.1.0.safetensors"));
    const description = `"><img src=x onerror=alert(1)><script>alert(1)</script>`;
    const prepared = await prepareVersion(file, { name: "@demo/hostile", version: "1.0.0", description });
    const readme = new TextEncoder().encode(PAYLOADS.join("\n\n"));
    await client.publish({ ...prepared, files: [{ path: "README.md", bytes: readme }] });
    const { page, problems } = await openPage(browser, site.origin);
    for (const path of ["/@demo/hostile", "/search?q=hostile", "/", "/@demo/hostile/versions", "/feed.xml"]) {
      await page.goto(path, { waitUntil: "networkidle" });
      if (path === "/@demo/hostile") for (const link of await page.getByRole("link", { name: "press" }).all()) await link.hover();
      expect([path, problems]).toEqual([path, []]);
    }
  });

  test("show README, evaluation, and a deprecation where nobody can miss it", async () => {
    const { page } = await openPage(browser, site.origin);
    await page.goto("/@demo/gloss-topics/v/1.0.0");
    await page.getByRole("note").getByText("Rank 2 was too little").waitFor();
    await page.getByRole("heading", { name: "How it was made" }).waitFor();
    await page.getByText("On 16 rows, as the author measured it").waitFor();
    await page.getByText(/entry \d+ of \d+, signed/).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  test("stay within 60 kB before anything is pressed", async () => {
    const { page } = await openPage(browser, site.origin);
    const bodies: Promise<Buffer>[] = [];
    page.on("response", (response) => bodies.push(response.body()));
    await page.goto("/", { waitUntil: "networkidle" });
    const bytes = (await Promise.all(bodies)).reduce((sum, body) => sum + body.length, 0);
    expect(bytes).toBeGreaterThan(5_000);
    expect(bytes).toBeLessThan(60_000);
  });
});
