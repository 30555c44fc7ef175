import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { build, preview, type PreviewServer } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openChromium } from "../../../test/browser/chromium.ts";
import { makeModels } from "../scripts/train-models.ts";

const root = join(import.meta.dirname, "..");

describe.skipIf(chromiumPath === undefined)("the example", () => {
  let home: string;
  let server: PreviewServer;
  let browser: Awaited<ReturnType<typeof openChromium>>;
  let context: BrowserContext;
  let page: Page;
  let site: string;
  const problems: string[] = [];

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "graft-example-test-"));
    const outDir = join(home, "site");
    await build({ root, logLevel: "error", build: { outDir } });
    await makeModels({ work: join(home, "work"), output: join(outDir, "models"), rows: 96, say: () => undefined });
    server = await preview({ root, logLevel: "error", build: { outDir }, preview: { host: "127.0.0.1", port: 0 } });
    site = `http://127.0.0.1:${(server.httpServer.address() as { port: number }).port}/`;
    browser = await openChromium();
    context = await browser.newContext();
    page = await context.newPage();
    page.on("console", (message) => message.type() !== "log" && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(error.message));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(home, { recursive: true, force: true });
  });

  /** The answers that the page shows, once there are so many. */
  async function answers(count: number): Promise<{ adapter: string; text: string }[]> {
    const ready = `document.querySelectorAll("#answers li").length === ${count} && !document.querySelector("#ask button").disabled`;
    await page.waitForFunction(ready, undefined, { timeout: 60_000 }).catch(async (cause: unknown) => {
      throw new Error(`the page has no answers: ${await page.innerText("body")}; ${problems.join("; ")}`, { cause });
    });
    return page.evaluate(
      '[...document.querySelectorAll("#answers li")].map((one) => ({ adapter: one.dataset.adapter, text: one.innerText }))',
    );
  }

  test("three adapters answer on one base, each with the time that switching to it took", async () => {
    await page.goto(site);
    const shown = await answers(3);
    expect(shown.map(({ adapter }) => adapter)).toEqual(["@example/alive", "@example/places", "@example/topics"]);
    for (const { text } of shown) expect(text).toMatch(/switched and answered in \d+\.\d ms/);
    expect(shown[0]?.text).toMatch(/^(not )?alive/);
  });

  test("ten sentences of the user teach an adapter of their own, in the tab", async () => {
    const before = await answers(3);
    await page.click("#teach button");
    const shown = await answers(4);
    expect(shown.slice(0, 3).map(({ adapter }) => adapter)).toEqual(before.map(({ adapter }) => adapter));
    expect(shown[3]?.text).toMatch(/^(good|bad)\s[\s\S]*your own/);
    expect(await page.innerText("#state")).toBe("Learned from 10 sentences");
  });

  test("after the first visit it works without a network", async () => {
    await context.setOffline(true);
    await server.close();
    await page.reload();
    expect(await answers(3)).toHaveLength(3);
    await page.fill("#text", "a city on the coast");
    await page.click("#ask button");
    expect(await answers(3)).toHaveLength(3);
  });
});
