import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFolderWhole } from "@graft/files";
import { type Adapter, exportPeft } from "@graft/format";

/** Writes an adapter as a folder that PEFT reads, whole or not at all. CONVERT_UNSUPPORTED, NOT_WRITABLE, DISK_FULL. */
export async function writePeftFolder(
  adapter: Adapter,
  folder: string,
  options: { readonly overwrite?: boolean } = {},
): Promise<readonly string[]> {
  const { config, weights } = await exportPeft(adapter);
  const files = new Map<string, string | Uint8Array>([
    ["adapter_config.json", `${JSON.stringify(config, null, 2)}\n`],
    ["adapter_model.safetensors", weights],
  ]);
  await writeFolderWhole(
    folder,
    async (temporary) => {
      for (const [name, data] of files) await writeFile(join(temporary, name), data);
    },
    options,
  );
  return [...files.keys()];
}
