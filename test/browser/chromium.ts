import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";

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

/** Serves the repository to a page, from source; isolated from other origins, so that WASM may have threads. */
export async function servePages(root: string): Promise<{ server: ViteDevServer; origin: string }> {
  const conditions = ["@graft/source", "browser", "module", "import", "default"];
  const server = await createServer({
    root,
    configFile: false,
    logLevel: "error",
    cacheDir: `${root}/.cache/vite`,
    appType: "mpa",
    resolve: { conditions },
    // The runtime finds its WASM beside itself, which a bundle of it would not have.
    optimizeDeps: { exclude: ["onnxruntime-web"], entries: ["test/browser/*.html"] },
    server: {
      host: "127.0.0.1",
      port: 0,
      hmr: false,
      watch: null,
      headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
    },
  });
  await server.listen();
  const address = server.httpServer?.address();
  if (address === null || address === undefined || typeof address === "string") throw new Error("the server has no port");
  return { server, origin: `http://127.0.0.1:${address.port}` };
}
