import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "vite";
import type { Asset } from "../assets.ts";
import { scriptAsset } from "../bundled-scripts.ts";

const FOLDER = join(import.meta.dirname, "..", "scripts");

/** Bundles the scripts of the pages with Vite: one file for each that a page names, and what they share. Names are relative to /assets/scripts/. */
export async function buildScripts(): Promise<ReadonlyMap<string, Asset>> {
  const entries = readdirSync(FOLDER).filter((name) => ENTRIES.has(basename(name, ".ts")));
  const built = await build({
    configFile: false,
    logLevel: "error",
    root: FOLDER,
    base: "/assets/scripts/",
    resolve: { conditions: ["@graft/source", "browser", "module", "import", "default"] },
    worker: {
      format: "es",
      rolldownOptions: {
        output: { entryFileNames: "[name]-[hash].js", chunkFileNames: "[name]-[hash].js", assetFileNames: "[name]-[hash][extname]" },
      },
    },
    build: {
      write: false,
      target: "es2023",
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      rolldownOptions: {
        input: Object.fromEntries(entries.map((name) => [basename(name, ".ts"), join(FOLDER, name)])),
        output: { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js", assetFileNames: "[name]-[hash][extname]" },
      },
    },
  });
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((result) => ("output" in result ? result.output : []));
  return new Map(
    outputs.map((output) => {
      const body = Buffer.from(output.type === "chunk" ? output.code : output.source);
      return [output.fileName, scriptAsset(output.fileName, body)];
    }),
  );
}

/** What pages name; the other files of the folder belong to these. */
const ENTRIES: ReadonlySet<string> = new Set(["copy", "search", "fits", "inside", "difference", "try"]);
