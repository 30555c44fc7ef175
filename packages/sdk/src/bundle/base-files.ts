import { readdir, realpath, stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import type { Base } from "@graft/architectures";

/** Files that belong to a base beside its weights. */
const SIDE_FILES =
  /^(?:config|generation_config|preprocessor_config|tokenizer|tokenizer_config|special_tokens_map|model\.safetensors\.index)\.json$|^chat_template\.jinja$/;

/** The files of a base by the names that they must have to be opened again, and which of them is opened; "" for their folder. */
export async function baseFiles(path: string, base: Base): Promise<{ files: ReadonlyMap<string, string>; entry: string }> {
  const absolute = resolve(path);
  const given = (await stat(absolute)).isDirectory() ? absolute : dirname(absolute);
  // An export lies beside its tokenizer, or in a folder below it.
  const graph = base.kind === "onnx" ? base.files[0] : undefined;
  const folder = graph === undefined || given !== absolute ? given : await folderOf(graph, given);
  const files = new Map<string, string>();
  for (const place of base.kind === "onnx" ? [dirname(folder), folder] : [folder])
    for (const name of await readdir(place)) if (SIDE_FILES.test(name)) files.set(name, join(place, name));
  const byReal = new Map<string, string>();
  for (const name of await readdir(folder)) byReal.set(await realpath(join(folder, name)).catch(() => ""), name);
  const nameOf = (file: string): string => byReal.get(file) ?? relative(base.folder, file);
  for (const file of base.files) files.set(nameOf(file), file);
  return { files, entry: graph === undefined ? "" : nameOf(graph) };
}

/** Where below a folder its graph lies: in `onnx/`, or in the folder itself. */
async function folderOf(graph: string, folder: string): Promise<string> {
  const below = join(folder, "onnx");
  const names = await readdir(below).catch(() => []);
  for (const name of names) if ((await realpath(join(below, name)).catch(() => "")) === graph) return below;
  return folder;
}
