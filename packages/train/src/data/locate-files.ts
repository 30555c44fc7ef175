import { glob, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { GraftError } from "@graft/error";
import { closest } from "@graft/methods";
import { type GlueLayout, glueNamed } from "./glue.ts";

/** A file of rows, and the layout of its folder if it is one of GLUE's. */
export interface LocatedFile {
  readonly path: string;
  readonly glue?: GlueLayout;
}

/** Which half of a GLUE folder is meant. */
export type Split = "train" | "held";

/**
 * The files that a path means: the file itself, the split of a GLUE folder, what a glob matches in the order of names, or
 * several of these with commas between them. FILE_NOT_FOUND, USAGE.
 */
export async function locateFiles(path: string, split: Split): Promise<LocatedFile[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return [await glueFile(path, split)];
  if (found !== undefined) return [located(path)];
  if (/[*?[{]/.test(path)) {
    const matches: string[] = [];
    for await (const match of glob(path)) matches.push(match);
    if (matches.length > 0) return matches.toSorted().map(located);
    throw new GraftError("FILE_NOT_FOUND", `Cannot read "${path}": it matches no file`, {
      hint: "Check the pattern, and quote it in a shell",
    });
  }
  if (path.includes(",")) return (await Promise.all(path.split(",").map((part) => locateFiles(part.trim(), split)))).flat();
  const [near] = closest(basename(path), await readdir(dirname(resolve(path))).catch(() => []));
  throw new GraftError("FILE_NOT_FOUND", `Cannot read "${path}": it does not exist`, {
    hint: near === undefined ? "Check the path" : `Did you mean "${join(dirname(path), near)}"?`,
  });
}

function located(path: string): LocatedFile {
  const glue = path.toLowerCase().endsWith(".tsv") ? glueNamed(basename(dirname(resolve(path)))) : undefined;
  return { path, ...(glue === undefined ? {} : { glue }) };
}

async function glueFile(folder: string, split: Split): Promise<LocatedFile> {
  const glue = glueNamed(basename(resolve(folder)));
  if (glue === undefined)
    throw new GraftError("USAGE", `Cannot read "${folder}": it is a folder, and none of GLUE's`, {
      hint: `Give a file or a glob such as ${join(folder, "*.jsonl")}`,
    });
  const path = join(folder, split === "train" ? "train.tsv" : (glue.held ?? "dev.tsv"));
  if ((await stat(path).catch(() => undefined)) === undefined)
    throw new GraftError("FILE_NOT_FOUND", `Cannot read "${folder}": it has no ${basename(path)}`, {
      hint: "Download GLUE's archive again",
    });
  return { path, glue };
}

/** The task of a folder of GLUE that holds rows to learn from; undefined for whatever else a path may be. */
export async function glueTask(path: string): Promise<GlueLayout["task"] | undefined> {
  const glue = glueNamed(basename(resolve(path)));
  return glue !== undefined && (await stat(path).catch(() => undefined))?.isDirectory() === true ? glue.task : undefined;
}
