import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type InstalledAdapter, Project, type ProjectCallOptions, type ProjectOptions } from "@graft/client/node";
import { writeFileWhole } from "@graft/files";
import { readManifest } from "@graft/format";
import { fileSource } from "@graft/safetensors/node";

/** Name of the file with the types of an app's adapters. */
export const TYPES_FILE = "graft-env.d.ts";

/** Writes the types of `graft:` modules beside an app's lock: each adapter's labels. Adapters that the cache lacks are fetched. Gives the path. */
export async function writeTypes(folder: string, options: ProjectOptions & ProjectCallOptions = {}): Promise<string> {
  const { adapters } = await (await Project.open(folder, options)).install({ ...options, frozen: true });
  const path = join(folder, TYPES_FILE);
  const text = `${["/* Written by graft from graft-lock.json; do not edit. */", ...(await Promise.all(adapters.map(declaration)))].join("\n\n")}\n`;
  if ((await readFile(path, "utf8").catch(() => "")) !== text) await writeFileWhole(path, text);
  return path;
}

async function declaration({ name, version, path }: InstalledAdapter): Promise<string> {
  const { task, description } = await readManifest(await fileSource(path));
  const labels = task.labels.length === 0 ? "never" : task.labels.map((label) => JSON.stringify(label)).join(" | ");
  const said = (description ?? task.type).replaceAll(/\s+/g, " ").replaceAll("*/", "* /");
  return [
    `declare module ${JSON.stringify(`graft:${name}`)} {`,
    `  /** ${said} (${version}) */`,
    `  const adapter: import("@graft/sdk").AdapterModule<${labels}>;`,
    "  export default adapter;",
    "}",
  ].join("\n");
}
