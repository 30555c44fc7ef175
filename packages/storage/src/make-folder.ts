import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { fileError, syncFolder } from "@graft/files";

/** Makes a folder and what leads to it, durable from the first new one down. */
export async function makeFolder(path: string): Promise<void> {
  try {
    const first = await mkdir(path, { recursive: true });
    if (first === undefined) return;
    for (let folder = path; folder.length >= first.length; folder = dirname(folder)) await syncFolder(dirname(folder));
  } catch (cause) {
    throw fileError(cause, `make the folder "${path}"`);
  }
}
