import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileError } from "./file-error.ts";
import { syncTree } from "./sync-tree.ts";
import { syncFolder, temporaryBeside, withTemporary } from "./temporary.ts";

/** Builds a folder beside `path` and puts it there in one step, or leaves nothing. A folder that is there and not empty is NOT_WRITABLE, unless `overwrite`. */
export async function writeFolderWhole(
  path: string,
  build: (temporary: string) => Promise<void>,
  options: { readonly overwrite?: boolean } = {},
): Promise<void> {
  const target = resolve(path);
  try {
    await mkdir(dirname(target), { recursive: true });
    await withTemporary(target, async (temporary) => {
      await mkdir(temporary);
      await build(temporary);
      await syncTree(temporary);
      if (options.overwrite === true) await replace(temporary, target);
      else await rename(temporary, target);
    });
    await syncFolder(dirname(target));
  } catch (cause) {
    throw fileError(cause, `write the folder "${path}"`);
  }
}

/** POSIX cannot exchange two folders, so the old one steps aside first and comes back when the second rename fails. */
async function replace(temporary: string, target: string): Promise<void> {
  const aside = temporaryBeside(target);
  const existed = await rename(target, aside).then(
    () => true,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === "ENOENT") return false;
      throw cause;
    },
  );
  try {
    await rename(temporary, target);
  } catch (cause) {
    if (existed) await rename(aside, target);
    throw cause;
  }
  if (existed) await rm(aside, { recursive: true, force: true });
}
