import { resolve } from "node:path";
import { findProjectFolder, Project, readProject } from "@graft/client/node";
import { GraftError } from "@graft/error";
import { readManifest } from "@graft/format";
import { fileSource } from "@graft/safetensors/node";
import { load } from "../load.ts";
import { type AdapterModule, adapterModule } from "./adapter-module.ts";

/**
 * The adapter that an app's lock pins, as a module: fetched if the cache lacks it. Its base is the one that graft.json names, which is
 * loaded with all adapters of the app that are for it. USAGE where no graft.json is found, it names no base, or the lock pins no such adapter.
 */
export async function projectAdapter(name: string, options: { readonly from: string }): Promise<AdapterModule> {
  const folder = await findProjectFolder(options.from);
  const project = folder === undefined ? undefined : await Project.open(folder);
  const pinned = await project?.fetch(name);
  if (folder === undefined || project === undefined || pinned === undefined) {
    throw new GraftError(
      "USAGE",
      `Cannot import "graft:${name}": ${folder === undefined ? `no graft.json is at or above "${options.from}"` : "the app does not use it"}`,
      {
        hint: `Add it first: graft add ${name}`,
      },
    );
  }
  const { base } = await readProject(folder);
  if (base === undefined) {
    throw new GraftError("USAGE", `Cannot import "graft:${name}": graft.json names no base`, {
      hint: 'Write "base": "./path/of/the/base" into graft.json',
    });
  }
  const { task } = await readManifest(await fileSource(pinned.path));
  const { version, digest } = pinned;
  return adapterModule(
    { name, version, digest, labels: task.labels },
    {
      key: `${folder}\n${pinned.base}`,
      open: async () => {
        const together = (await project.list()).filter((one) => one.base === pinned.base).map((one) => one.name);
        return load(resolve(folder, base), { adapters: together, project: folder });
      },
    },
  );
}
