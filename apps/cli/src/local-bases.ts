import { mkdir, readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { userFolders } from "@graft/client/node";
import { GraftError } from "@graft/error";
import { fileError, writeFileWhole } from "@graft/files";
import { z } from "zod";

/** Bases of the local store by name: where each lies, and its fingerprint. Nothing is copied. */
const LocalBases = z.record(z.string(), z.object({ path: z.string(), fingerprint: z.string() }));
export type LocalBases = z.infer<typeof LocalBases>;

function storePath(): string {
  return join(userFolders(process.env).data, "bases.json");
}

/** All bases of the local store. */
export async function readLocalBases(): Promise<LocalBases> {
  const path = storePath();
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return "{}";
    throw fileError(cause, `read "${path}"`);
  });
  const parsed = LocalBases.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new GraftError("USAGE", `Cannot read the local store "${path}": the file is damaged`, {
    hint: "Remove it and add the bases again",
  });
}

/** Replaces the local store. */
export async function writeLocalBases(bases: LocalBases): Promise<void> {
  const path = storePath();
  await mkdir(dirname(path), { recursive: true }).catch((cause: unknown) => {
    throw fileError(cause, `write "${path}"`);
  });
  await writeFileWhole(path, `${JSON.stringify(bases, null, 2)}\n`);
}

/** Path of a base: `--base` is a path if it exists or starts with "." or "/", else a name of the local store. */
export async function locateBase(base: string): Promise<string> {
  const exists = await stat(base).then(
    () => true,
    () => false,
  );
  if (exists || base.startsWith(".") || base.startsWith("/")) return resolve(base);
  const found = (await readLocalBases())[base];
  if (found !== undefined) return found.path;
  throw new GraftError(
    "FILE_NOT_FOUND",
    `Cannot find the base "${base}": there is no such path, and the local store has no base of that name`,
    {
      hint: "See graft base list, or add one with graft base add <path> --name <name>",
    },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
