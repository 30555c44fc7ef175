import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { build, createServer, preview, type ViteDevServer } from "vite";

/** The Chromium that the test set-up installs or finds; undefined where there is none. */
export const chromiumPath: string | undefined = [
  process.env["GRAFT_CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path !== undefined && existsSync(path));

if (chromiumPath === undefined) console.warn("Skipped: no Chromium (set GRAFT_CHROMIUM, or let npm test install one)");

/** A browser without a window and without connections of its own; WebGPU is computed by its software device. */
export function openChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath ?? "",
    args: [
      "--no-sandbox",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
      "--enable-unsafe-webgpu",
      "--enable-features=Vulkan",
      "--use-webgpu-adapter=swiftshader",
      "--use-vulkan=swiftshader",
    ],
  });
}

/** How sources are found in a page. */
const CONDITIONS = ["@graft/source", "browser", "module", "import", "default"];

/** What isolates a page from other origins. */
const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/** Serves the repository to a page, from source; isolated from other origins, so that WASM may have threads. */
export async function servePages(root: string): Promise<{ server: ViteDevServer; origin: string }> {
  const server = await createServer({
    root,
    configFile: false,
    logLevel: "error",
    cacheDir: `${root}/.cache/vite`,
    appType: "mpa",
    resolve: { conditions: CONDITIONS },
    // The runtime finds its WASM beside itself, which a bundle of it would not have.
    optimizeDeps: { exclude: ["onnxruntime-web"], entries: ["test/browser/*.html"] },
    server: {
      host: "127.0.0.1",
      port: 0,
      hmr: false,
      watch: null,
      headers: ISOLATED,
    },
  });
  await server.listen();
  const address = server.httpServer?.address();
  if (address === null || address === undefined || typeof address === "string") throw new Error("the server has no port");
  return { server, origin: `http://127.0.0.1:${address.port}` };
}

/** Builds a page of the repository into a folder, as an app is built. */
export async function buildPage(root: string, { page, folder }: { page: string; folder: string }): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: "error",
    resolve: { conditions: CONDITIONS },
    worker: { format: "es" },
    build: { outDir: folder, emptyOutDir: true, target: "esnext", minify: false, rollupOptions: { input: `${root}/${page}` } },
  });
}

/** Serves a page that was built; isolated from other origins where WASM may have threads. */
export async function serveBuilt(folder: string, { isolated }: { isolated: boolean }): Promise<{ origin: string; close(): Promise<void> }> {
  const server = await preview({
    root: folder,
    configFile: false,
    logLevel: "error",
    build: { outDir: folder },
    preview: { host: "127.0.0.1", port: 0, headers: isolated ? ISOLATED : {} },
  });
  const address = server.httpServer.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return { origin: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}
