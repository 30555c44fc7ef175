import { basename, sep } from "node:path";

/** What a base is called: its Hub name and revision inside a Hugging Face cache, else the name of its folder or file. */
export function baseName(path: string): { name: string; revision?: string } {
  const parts = path.split(sep);
  const snapshots = parts.lastIndexOf("snapshots");
  const repository = parts[snapshots - 1];
  const revision = parts[snapshots + 1];
  if (snapshots > 0 && revision !== undefined && repository?.startsWith("models--")) {
    return { name: repository.slice("models--".length).replaceAll("--", "/"), revision };
  }
  return { name: basename(path) };
}
