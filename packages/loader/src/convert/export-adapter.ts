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
  const { labels, head } = adapter.manifest.task;
  const names = head === undefined || labels.length === 0 ? undefined : labelNames(labels);
  const files = new Map<string, string | Uint8Array>([
    ["adapter_config.json", `${JSON.stringify(config, null, 2)}\n`],
    ["adapter_model.safetensors", weights],
    // PEFT has no place for names of labels; transformers reads them here.
    ...(names === undefined ? [] : [["config.json", `${JSON.stringify(names, null, 2)}\n`] as const]),
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

function labelNames(labels: readonly string[]): Readonly<Record<"id2label" | "label2id", Readonly<Record<string, string | number>>>> {
  const numbered = labels.map((label, index) => [label, index] as const);
  return {
    id2label: Object.fromEntries(numbered.map(([label, index]) => [String(index), label])),
    label2id: Object.fromEntries(numbered),
  };
}
