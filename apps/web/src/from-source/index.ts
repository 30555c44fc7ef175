import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { transformSync } from "rolldown/utils";
import type { PagesOptions } from "../create-pages.tsx";

// Node strips types but does not know JSX. A built package has no need of this file: it is entered at index.js.
registerHooks({
  load: (url, context, next) => {
    if (!url.startsWith("file:") || !url.endsWith(".tsx")) return next(url, context);
    const file = fileURLToPath(url);
    const { code, errors } = transformSync(file, readFileSync(file, "utf8"), {
      jsx: { runtime: "automatic", importSource: "hono/jsx" },
    });
    if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("\n"));
    return { format: "module", source: code, shortCircuit: true };
  },
});

const { createPages: create } = await import("../create-pages.tsx");
// Vite takes longer to load than all else: only a page's script needs it.
const buildScripts: NonNullable<PagesOptions["scripts"]> = async () => (await import("./build-scripts.ts")).buildScripts();

/** As in index.ts, with scripts that are bundled when a page first asks for one. */
export const createPages: typeof create = (options) => create({ scripts: buildScripts, ...options });
export type { PagesOptions };
