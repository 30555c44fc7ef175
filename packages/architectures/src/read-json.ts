import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { GraftError } from "@graft/error";
import { LIMITS } from "./limits.ts";

/** A JSON object from a file of a checkpoint; undefined when the file does not exist. BASE_INVALID when it is no JSON object. */
export async function readJson(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined || !facts.isFile()) return undefined;
  if (facts.size > LIMITS.configBytes)
    throw new GraftError("LIMIT_EXCEEDED", `Cannot read "${path}": it has ${facts.size} bytes, want at most ${LIMITS.configBytes}`);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new GraftError("BASE_INVALID", `Cannot read "${path}": it is no JSON`, {
      cause,
      hint: `Check that ${basename(path)} was downloaded whole`,
    });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new GraftError("BASE_INVALID", `Cannot read "${path}": it is no JSON object`);
  return value as Record<string, unknown>;
}
