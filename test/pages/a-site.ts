import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillRegistry } from "@graft/demo";
import { startServer } from "@graft/server";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

/** A registry with pages, filled with really trained adapters. */
export async function aSite() {
  const folder = await mkdtemp(join(tmpdir(), "graft-pages-"));
  const server = await startServer({ port: 0, data: join(folder, "registry"), logLevel: "silent" });
  const token = (await readFile(server.tokenFile, "utf8")).trim();
  await fillRegistry({ registry: server.url, token, folder: join(folder, "adapters"), rows: { train: 32, test: 16 } });
  const close = async (): Promise<void> => {
    await server.close();
    await rm(folder, { recursive: true });
  };
  return { origin: server.url, token, folder, close };
}

/** A page that keeps what must never happen: errors, refused scripts, and requests to elsewhere. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext({ baseURL: origin, ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && !message.text().includes("status of 404") && problems.push(message.text()));
  page.on("dialog", (dialog) => {
    problems.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin) problems.push(`a request to ${request.url()}`);
  });
  return { page, problems };
}

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What axe finds wrong on a page: one line for each rule, with the first place. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // The page's policy lets no foreign script in, so it is run by the debugger.
  await page.evaluate(await readFile(axe, "utf8"));
  const found = (await page.evaluate("axe.run(document)")) as { violations: { id: string; nodes: { html: string }[] }[] };
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`);
}
