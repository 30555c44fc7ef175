import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileError, writeFileWhole } from "@graft/files";
import type { MirrorStore } from "@graft/registry";

/** Documents of a mirror as files of one folder, each named after its key. */
export async function openMirrorFolder(folder: string): Promise<MirrorStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw fileError(cause, `make the folder "${folder}"`);
  });
  const pathOf = (key: string): string => join(folder, `${encodeURIComponent(key)}.json`);
  return {
    read: async (key) => {
      try {
        return await readFile(pathOf(key), "utf8");
      } catch (cause) {
        if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
        throw fileError(cause, `read "${pathOf(key)}"`);
      }
    },
    write: (key, text) => writeFileWhole(pathOf(key), text, { mode: 0o600 }),
    list: async () =>
      (await readdir(folder)).filter((name) => name.endsWith(".json")).map((name) => decodeURIComponent(name.slice(0, -".json".length))),
  };
}
