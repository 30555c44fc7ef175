import { randomBytes } from "node:crypto";
import { rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { GraftError } from "@graft/error";
import { fileError } from "@graft/files";

/** Refuses an output file that could not be written, before long work is done for it. FILE_NOT_FOUND, NOT_WRITABLE. */
export async function checkOutputFile(path: string): Promise<void> {
  const folder = dirname(resolve(path));
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined || !found.isDirectory()) {
    throw new GraftError(
      "FILE_NOT_FOUND",
      `Cannot write "${path}": ${found === undefined ? "its folder does not exist" : `"${folder}" is no folder`}`,
      { hint: `Make the folder "${folder}", or choose another` },
    );
  }
  if ((await stat(path).catch(() => undefined))?.isDirectory() === true)
    throw new GraftError("NOT_WRITABLE", `Cannot write "${path}": it is a folder`, { hint: "Pass the path of a file" });
  await writable(folder, path);
}

/** Refuses an output folder that could not be made. NOT_WRITABLE. */
export async function checkOutputFolder(path: string): Promise<void> {
  let folder = dirname(resolve(path));
  // Folders above that are not there yet are made.
  while ((await stat(folder).catch(() => undefined)) === undefined && dirname(folder) !== folder) folder = dirname(folder);
  if (!(await stat(folder)).isDirectory())
    throw new GraftError("NOT_WRITABLE", `Cannot write "${path}": "${folder}" is no folder`, { hint: "Choose another folder" });
  await writable(folder, path);
}

/** Writes a file beside what will be written, and removes it: permissions alone do not tell what a file system refuses. */
async function writable(folder: string, path: string): Promise<void> {
  const probe = join(folder, `${basename(path)}.${randomBytes(8).toString("hex")}`);
  try {
    await writeFile(probe, "", { flag: "wx" });
    await rm(probe);
  } catch (cause) {
    throw fileError(cause, `write "${path}"`);
  }
}

/** Refuses to write over a file that is there, before long work is done. NOT_WRITABLE. */
export async function refuseExisting(path: string): Promise<void> {
  if ((await stat(path).catch(() => undefined)) === undefined) return;
  throw new GraftError("NOT_WRITABLE", `Cannot write "${path}": it exists already`, { hint: "Choose another path, or pass --overwrite" });
}
