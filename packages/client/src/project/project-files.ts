import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { GraftError } from "@graft/error";
import { fileError, writeFileWhole } from "@graft/files";
import type { z } from "zod";
import { EMPTY_LOCK, LOCK_FILE, LockFile, lockText, sorted } from "./lock-file.ts";
import { conflictSides, mergeLocks } from "./merge-lock.ts";
import { PROJECT_FILE, ProjectFile } from "./project-file.ts";

/** The nearest folder at or above one that has a graft.json; undefined where there is none. */
export async function findProjectFolder(from: string): Promise<string | undefined> {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (await isFile(join(folder, PROJECT_FILE))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Reads graft.json; a folder without one asks for nothing. USAGE when it is broken. */
export async function readProject(folder: string): Promise<ProjectFile> {
  const path = join(folder, PROJECT_FILE);
  const text = await readText(path);
  return text === undefined ? { adapters: {} } : parse(ProjectFile, text, { path, hint: "Mend the file; its schema is graft.schema.json" });
}

/** Reads graft-lock.json, also one that git left in conflict; a folder without one pins nothing. USAGE when it is broken. */
export async function readLock(folder: string): Promise<LockFile> {
  const path = join(folder, LOCK_FILE);
  const text = await readText(path);
  if (text === undefined) return EMPTY_LOCK;
  const hint = "Take the file of one branch, or remove it, and run: graft install";
  const sides = conflictSides(text);
  if (sides === undefined) return parse(LockFile, text, { path, hint });
  return mergeLocks(parse(LockFile, sides.ours, { path, hint }), parse(LockFile, sides.theirs, { path, hint }));
}

/** Writes graft.json, its adapters sorted; the other fields keep their order. */
export async function writeProject(folder: string, project: ProjectFile): Promise<void> {
  const text = `${JSON.stringify({ ...project, adapters: sorted(Object.entries(project.adapters)) }, null, 2)}\n`;
  await writeFileWhole(join(folder, PROJECT_FILE), text);
}

/** Writes graft-lock.json, unless it says this already. */
export async function writeLock(folder: string, lock: LockFile): Promise<void> {
  const path = join(folder, LOCK_FILE);
  const text = lockText(lock);
  if ((await readText(path)) !== text) await writeFileWhole(path, text);
}

function parse<Schema extends z.ZodType>(schema: Schema, text: string, { path, hint }: { path: string; hint: string }): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GraftError("USAGE", `Cannot read "${path}": it is no JSON`, { cause, hint });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { place, why } = innermost(result.error.issues);
  throw new GraftError("USAGE", `Cannot read "${path}": ${[...place, why].join(": ")}`, { hint });
}

/** The first thing that is wrong: of a key of a record, or of an alternative, what is wrong with that. */
function innermost(issues: readonly z.core.$ZodIssue[]): { place: readonly string[]; why: string } {
  const [issue] = issues;
  if (issue === undefined) return { place: [], why: "it is malformed" };
  const inner = issue.code === "invalid_key" ? issue.issues : issue.code === "invalid_union" ? (issue.errors[0] ?? []) : [];
  const why = inner.length > 0 ? innermost(inner).why : issue.message;
  return { place: issue.path.length === 0 ? [] : [issue.path.map(String).join(" → ")], why };
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw fileError(cause, `read "${path}"`);
  });
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}
