import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Files of a base that a page needs to run it; nothing else of its folder is given out. */
const NEEDED =
  /^(config\.json|tokenizer\.json|tokenizer_config\.json|[\w.-]+\.safetensors|[\w.-]+\.safetensors\.index\.json|[\w.-]+\.onnx)$/;

/** Folders of bases that pages may run, by fingerprint. */
export type BaseFolders = () => Promise<ReadonlyMap<string, string>>;

/** A base that this server can give to a page. */
export interface ServedBase {
  readonly folder: string;
  readonly files: readonly { readonly name: string; readonly size: number }[];
  /** Bytes that a page fetches. */
  readonly size: number;
}

/** The files of a base, when this server has them. */
export async function servedBase(folders: BaseFolders, fingerprint: string): Promise<ServedBase | undefined> {
  const folder = (await folders()).get(fingerprint);
  if (folder === undefined) return undefined;
  const names = (await readdir(folder)).filter((name) => NEEDED.test(name));
  const files = await Promise.all(names.map(async (name) => ({ name, size: (await stat(join(folder, name))).size })));
  return { folder, files, size: files.reduce((sum, file) => sum + file.size, 0) };
}
