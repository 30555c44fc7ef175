import { readFile } from "node:fs/promises";
import { isGraftError } from "@graft/error";
import { fileError, writeFileWhole } from "@graft/files";

/** Reads a secret, or writes a new one that only the owner may read; of two processes that start at once, one wins. */
export async function secretFile(path: string, create: () => Promise<string>): Promise<string> {
  const known = await readSecret(path);
  if (known !== undefined) return known;
  try {
    await writeFileWhole(path, `${await create()}\n`, { overwrite: false, mode: 0o600 });
  } catch (cause) {
    if (!(isGraftError(cause) && cause.detail?.["errno"] === "EEXIST")) throw cause;
  }
  return (await readSecret(path)) ?? "";
}

/** A secret that was written earlier; undefined where there is none. */
export async function readSecret(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw fileError(cause, `read "${path}"`);
  }
}
