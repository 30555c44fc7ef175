import { join } from "node:path";
import { GraftError } from "@graft/error";
import { readManifest } from "@graft/format";
import { fileSource } from "@graft/safetensors/node";
import type { WrittenBundle } from "@graft/sdk";

/** The text of a `graft:` module of a page: the facts of the adapter, and where the site has it. USAGE for one that the app does not use. */
export async function moduleText(
  name: string,
  { bundle, folder, path }: { readonly bundle: WrittenBundle; readonly folder: string; readonly path: string },
): Promise<string> {
  const adapter = bundle.bundle.adapters[name];
  if (adapter === undefined)
    throw new GraftError("USAGE", `Cannot import "graft:${name}": the app does not use it`, { hint: `Add it first: graft add ${name}` });
  const { task } = await readManifest(await fileSource(join(folder, adapter.path)));
  const facts = { name, version: adapter.version, digest: adapter.digest, labels: task.labels };
  return [
    'import { bundledAdapter } from "@graft/sdk/web";',
    `export default bundledAdapter(import.meta.env.BASE_URL + ${JSON.stringify(path)}, ${JSON.stringify(facts)});`,
  ].join("\n");
}
