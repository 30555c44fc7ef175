import { lstat, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileError } from "./file-error.ts";
import { syncTree } from "./sync-tree.ts";
import { syncFolder, withTemporary } from "./temporary.ts";

/**
 * Writes a file together with others that belong to it: `build` makes all of them in a folder of its own, then they appear beside
 * `path`, the file itself last, or none of them does. What is there already is NOT_WRITABLE unless `overwrite`; a second name for the
 * same bytes is left alone.
 */
export async function writeFilesWhole(
  path: string,
  build: (temporary: string) => Promise<void>,
  options: { readonly overwrite?: boolean } = {},
): Promise<void> {
  const target = resolve(path);
  const folder = dirname(target);
  try {
    await withTemporary(target, async (temporary) => {
      await mkdir(temporary);
      await build(temporary);
      await syncTree(temporary);
      const names = (await readdir(temporary)).filter((name) => name !== basename(target));
      const missing: string[] = [];
      for (const name of [...names, basename(target)]) {
        if (await sameFile(join(temporary, name), join(folder, name))) continue;
        if (options.overwrite !== true && (await exists(join(folder, name)))) throw Object.assign(new Error(name), { code: "EEXIST" });
        missing.push(name);
      }
      // A file whose parts are being replaced must not be read meanwhile.
      await rm(target, { force: true });
      await move(missing, { from: temporary, to: folder });
    });
    await syncFolder(folder);
  } catch (cause) {
    throw fileError(cause, `write "${path}"`);
  }
}

/** What has arrived is taken away again when the next one does not. */
async function move(names: readonly string[], { from, to }: { from: string; to: string }): Promise<void> {
  const arrived: string[] = [];
  try {
    for (const name of names) {
      await rename(join(from, name), join(to, name));
      arrived.push(name);
    }
  } catch (cause) {
    for (const name of arrived) await rm(join(to, name), { force: true });
    throw cause;
  }
}

async function sameFile(one: string, other: string): Promise<boolean> {
  const [left, right] = await Promise.all([stat(one), stat(other).catch(() => undefined)]);
  return right !== undefined && left.ino === right.ino && left.dev === right.dev;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
