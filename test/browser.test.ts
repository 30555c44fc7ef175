import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBase } from "@graft/architectures/node";
import { loadTokenizer, openSession } from "@graft/runtime/node";
import { GLOSS_TOPICS, TINY_ENGLISH_FOLDER } from "@graft/tiny-english";
import { readFile } from "node:fs/promises";
import { chromiumPath, openChromium, servePages } from "./browser/chromium.ts";
import { losses, type Run } from "./browser/losses.ts";

const STEPS = 20;
const ROOT = join(import.meta.dirname, "..");

describe.skipIf(chromiumPath === undefined)("training in a page", () => {
  let browser: Browser;
  let pages: Awaited<ReturnType<typeof servePages>>;
  let rows: Run["rows"];
  let expected: number[];

  beforeAll(async () => {
    const text = await readFile(GLOSS_TOPICS.train, "utf8");
    rows = text.split("\n", 2 * STEPS).map((line) => JSON.parse(line) as Run["rows"][number]);
    const base = await openBase(TINY_ENGLISH_FOLDER);
    const { tokenizer } = await loadTokenizer(base.tokenizerFile ?? "");
    ({ losses: expected } = await losses({ base, tokenizer, rows, steps: STEPS, device: "cpu", openSession }));
    [browser, pages] = await Promise.all([openChromium(), servePages(ROOT)]);
  });
  afterAll(async () => {
    await browser?.close();
    await pages?.server.close();
  });

  test.each(["cpu", "webgpu"] as const)(`${STEPS} steps on %s have Node's losses`, async (device) => {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(`${pages.origin}/test/browser/train.html`);
    await page.waitForFunction("'trainPage' in globalThis", undefined, { timeout: 60_000 }).catch((cause: unknown) => {
      throw new Error(`the page did not load: ${problems.join("; ")}`, { cause });
    });
    const folder = `/${TINY_ENGLISH_FOLDER.slice(ROOT.length + 1)}`;
    const run = JSON.stringify({ rows, steps: STEPS, device });
    const found = (await page.evaluate(`trainPage(${JSON.stringify(folder)}, ${run})`)) as Awaited<ReturnType<typeof losses>>;
    expect(problems).toEqual([]);
    expect(found.device).toBe(device);
    expect(found.losses).toHaveLength(STEPS);
    expect(Math.max(...found.losses.map((loss, step) => Math.abs(loss - (expected[step] ?? Number.NaN))))).toBeLessThan(1e-4);
    await page.close();
  });
});
