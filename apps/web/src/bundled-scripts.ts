import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Asset } from "./assets.ts";

/** Where the build puts the bundles, beside the compiled package. */
const FOLDER = join(import.meta.dirname, "bundle");
const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  wasm: "application/wasm",
  css: "text/css; charset=utf-8",
};

/** A bundle as it is served. */
export function scriptAsset(name: string, body: Uint8Array<ArrayBuffer>): Asset {
  return { type: TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream", body };
}

/** The bundles that came with the package. */
export async function readBundledScripts(): Promise<ReadonlyMap<string, Asset>> {
  return new Map(readdirSync(FOLDER).map((name) => [name, scriptAsset(name, readFileSync(join(FOLDER, name)))]));
}
