import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { GraftError } from "@graft/error";
import { type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** How a page may look to somebody. */
const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  light: { viewport: { width: 1280, height: 860 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 860 }, colorScheme: "dark" },
  phone: { viewport: { width: 360, height: 740 }, colorScheme: "light" },
};
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** One page that is pictured, and what is pressed before. */
interface Shot {
  readonly path: string;
  readonly prepare?: (page: Page) => Promise<unknown>;
}

/** Every page of the demo, by the name of its picture. */
const SHOTS: Readonly<Record<string, Shot>> = {
  home: { path: "/" },
  search: { path: "/search?q=topics" },
  fits: { path: "/fits" },
  bases: { path: "/bases" },
  base: { path: "/bases", prepare: (page) => page.getByRole("link", { name: "tiny-english" }).click() },
  scope: { path: "/@demo" },
  adapter: { path: "/@demo/gloss-topics" },
  deprecated: { path: "/@demo/gloss-topics/v/1.0.0" },
  versions: { path: "/@demo/gloss-topics/versions" },
  difference: {
    path: "/@demo/gloss-topics/difference?from=1.1.0&to=2.0.0",
    prepare: async (page) => {
      await page.getByRole("button", { name: "Compare the weights" }).click();
      await page.getByRole("columnheader", { name: "Cosine" }).waitFor();
      await page.getByRole("heading", { name: "How far the weights moved" }).scrollIntoViewIfNeeded();
    },
  },
  inside: {
    path: "/@demo/gloss-topics/inside",
    prepare: async (page) => {
      await page.getByRole("button", { name: "What did each target learn?" }).click();
      await page.getByText("Singular values of every delta").waitFor();
    },
  },
  try: {
    path: "/@demo/gloss-topics/try",
    prepare: async (page) => {
      for (const box of (await page.getByRole("checkbox").all()).slice(0, 3)) await box.check();
      await page.getByRole("button", { name: "Run it here" }).click();
      await page.getByRole("rowheader", { name: "the base alone" }).waitFor();
    },
  },
  "sign-in": { path: "/sign-in" },
  reference: { path: "/reference" },
  "not-found": { path: "/no/such/page" },
};

/** Takes a picture of every page in every look. FILE_NOT_FOUND without a Chromium. */
export async function takePictures(origin: string, folder: string): Promise<number> {
  const executablePath = [process.env["GRAFT_CHROMIUM"] ?? "", ...BROWSERS].find((path) => existsSync(path));
  if (executablePath === undefined)
    throw new GraftError("FILE_NOT_FOUND", "Cannot take pictures: no Chromium was found", { hint: "Set GRAFT_CHROMIUM to one" });
  await mkdir(folder, { recursive: true });
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    for (const [look, options] of Object.entries(LOOKS)) {
      const context = await browser.newContext({ baseURL: origin, reducedMotion: "reduce", ...options });
      const page = await context.newPage();
      for (const [name, { path, prepare }] of Object.entries(SHOTS)) {
        await page.goto(path, { waitUntil: "networkidle" });
        await prepare?.(page);
        await page.screenshot({ path: join(folder, `${name}-${look}.jpg`), type: "jpeg", quality: 70 });
      }
      await context.close();
    }
  } finally {
    await browser.close();
  }
  return Object.keys(LOOKS).length * Object.keys(SHOTS).length;
}
