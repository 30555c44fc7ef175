import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findProjectFolder, readProject } from "@graft/client/node";
import { GraftError } from "@graft/error";
import { writeBundle, writeTypes, type WrittenBundle } from "@graft/sdk";
import type { Plugin } from "vite";
import { moduleText } from "./module-text.ts";
import { serveBundle } from "./serve-bundle.ts";

/** Where a site's models come from and go to. */
export interface GraftPluginOptions {
  /** Folder that graft.json is looked for from; the site's root by default. */
  readonly project?: string;
  /** Folder of the site that the base and the adapters go to. */
  readonly path?: string;
}

const PREFIX = "graft:";
const RESOLVED = "\0graft:";

/** Packages that must be served as they are: they find their workers and their WASM beside themselves. */
const AS_THEY_ARE = ["@graft/sdk", "@graft/runtime", "onnxruntime-web"];
/** What those use that is written in CommonJS, which a page does not read. */
const COMMON_JS = ["@graft/sdk > @graft/format > semver", "@graft/sdk > @graft/runtime > jpeg-js"];

/**
 * Gives `import topics from "graft:@acme/topics"` to a site: the adapters that graft-lock.json pins and the base that graft.json names are
 * part of it, in development and when it is built, and their types stand in graft-env.d.ts.
 */
export function graft(options: GraftPluginOptions = {}): Plugin {
  const path = (options.path ?? "graft").replaceAll(/^\/+|\/+$/g, "");
  let root = process.cwd();
  let made: Promise<{ bundle: WrittenBundle; folder: string }> | undefined;
  const bundle = (): Promise<{ bundle: WrittenBundle; folder: string }> => (made ??= makeBundle(options.project ?? root));
  return {
    name: "graft",
    config: () => ({
      worker: { format: "es" },
      build: { target: "esnext" },
      optimizeDeps: { exclude: AS_THEY_ARE, include: COMMON_JS },
    }),
    configResolved: (config) => {
      ({ root } = config);
    },
    resolveId: (id) => (id.startsWith(PREFIX) ? `${RESOLVED}${id.slice(PREFIX.length)}` : undefined),
    load: async (id) => {
      if (!id.startsWith(RESOLVED)) return undefined;
      return moduleText(id.slice(RESOLVED.length), { ...(await bundle()), path });
    },
    configureServer: (server) => {
      server.middlewares.use(
        `/${path}`,
        serveBundle(async () => (await bundle()).folder),
      );
    },
    generateBundle: {
      async handler() {
        if (made === undefined) return;
        const { bundle: written, folder } = await made;
        const { base, adapters } = written.bundle;
        for (const file of ["graft-bundle.json", ...[...base.files, ...Object.values(adapters)].map((one) => one.path)])
          this.emitFile({ type: "asset", fileName: `${path}/${file}`, source: await readFile(join(folder, file)) });
      },
    },
    closeBundle: async () => {
      const folder = (await made?.catch(() => undefined))?.folder;
      made = undefined;
      if (folder !== undefined) await rm(join(folder, ".."), { recursive: true, force: true });
    },
  };
}

async function makeBundle(from: string): Promise<{ bundle: WrittenBundle; folder: string }> {
  const project = await findProjectFolder(from);
  if (project === undefined) {
    throw new GraftError("USAGE", `Cannot find the adapters of the site: no graft.json is at or above "${from}"`, {
      hint: "Add one first: graft add @scope/name",
    });
  }
  const { base } = await readProject(project);
  if (base === undefined)
    throw new GraftError("USAGE", "Cannot build the site's models: graft.json names no base", {
      hint: 'Write "base": "./path/of/the/base" into graft.json',
    });
  await writeTypes(project);
  const folder = join(await mkdtemp(join(tmpdir(), "graft-vite-")), "bundle");
  return { bundle: await writeBundle({ project, base: resolve(project, base), output: folder }), folder };
}
