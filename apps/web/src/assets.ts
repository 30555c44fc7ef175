import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A file that pages refer to. */
export interface Asset {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M16 30V14M16 22c-7 0-9-4-9-9 6 0 9 3 9 9Zm0-6c0-7 3-11 10-12 0 8-3 12-10 12Z" fill="none" stroke="#0b6b4b" stroke-width="3" stroke-linejoin="round" stroke-linecap="round"/></svg>';

const files = new Map<string, Asset>();

/** Addresses of the style sheet, the icon, and of a script by the name of its source in src/scripts; names of the first two follow from their bytes. */
export const ASSETS = {
  styles: add("site.css", { type: "text/css; charset=utf-8", body: readStyles() }),
  icon: add("icon.svg", { type: "image/svg+xml", body: Buffer.from(ICON) }),
  script: (name: string): string => `/assets/scripts/${name}.js`,
  get: (name: string): Asset | undefined => files.get(name),
} as const;

/** One sheet out of the files of styles/, in the order of their names, and that of the plots. */
function readStyles(): Buffer<ArrayBuffer> {
  const folder = join(import.meta.dirname, "..", "styles");
  const own = readdirSync(folder).toSorted();
  const plots = fileURLToPath(import.meta.resolve("uplot/dist/uPlot.min.css"));
  return Buffer.from([...own.map((name) => join(folder, name)), plots].map((file) => readFileSync(file, "utf8")).join("\n"));
}

function add(name: string, asset: Asset): string {
  const digest = createHash("sha256").update(asset.body).digest("hex").slice(0, 10);
  const hashed = name.replace(".", `.${digest}.`);
  files.set(hashed, asset);
  return `/assets/${hashed}`;
}
