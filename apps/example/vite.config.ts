import { defineConfig } from "vite";

/** What isolates the page from other origins, so that WASM may have threads. */
const headers = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

export default defineConfig({
  base: "./",
  // In the workspace, packages are read from their sources.
  resolve: { conditions: ["@graft/source", "browser", "module", "import", "default"] },
  optimizeDeps: { exclude: ["onnxruntime-web"] },
  worker: { format: "es" },
  build: { target: "esnext", outDir: "dist/site", emptyOutDir: true },
  server: { headers },
  preview: { headers },
});
