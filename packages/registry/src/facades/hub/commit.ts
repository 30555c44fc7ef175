import { GraftError } from "@graft/error";
import { z } from "zod";

/** What a commit of the Hub's clients says; lines of other kinds are refused. */
export interface HubCommit {
  readonly summary: string;
  readonly parent?: string | undefined;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Files that a version can be made of. `.gitattributes` is the clients' own housekeeping. */
const ALLOWED: ReadonlySet<string> = new Set(["adapter_config.json", "adapter_model.safetensors", "adapter.safetensors", "README.md"]);
const IGNORED: ReadonlySet<string> = new Set([".gitattributes"]);

const Line = z.discriminatedUnion("key", [
  z.object({
    key: z.literal("header"),
    value: z.object({
      summary: z.string().max(10_000),
      description: z.string().max(100_000).optional(),
      parentCommit: z.string().optional(),
    }),
  }),
  z.object({ key: z.literal("file"), value: z.object({ path: z.string().max(500), content: z.string(), encoding: z.literal("base64") }) }),
]);

/** Whether a file of a commit is left out; one that no version can hold is refused by name. USAGE. */
export function isIgnored(path: string): boolean {
  if (IGNORED.has(path)) return true;
  if (ALLOWED.has(path)) return false;
  throw new GraftError("USAGE", `Cannot publish "${path.slice(0, 200)}": an adapter consists of ${[...ALLOWED].join(", ")}`, {
    hint: "Leave other files out, for example with --exclude or ignore_patterns; pickles and other executable formats are never taken",
  });
}

/** Reads the lines of JSON that a commit consists of. USAGE. */
export function parseCommit(text: string): HubCommit {
  const files = new Map<string, Uint8Array>();
  let header: { summary: string; parent?: string | undefined } | undefined;
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const parsed = Line.safeParse(parseJson(line));
    if (!parsed.success)
      throw new GraftError("USAGE", "Cannot read the commit: want a header and whole files, with nothing deleted or copied");
    const { key, value } = parsed.data;
    if (key === "header") header = { summary: value.summary, parent: value.parentCommit };
    else if (!isIgnored(value.path)) files.set(value.path, fromBase64(value.content));
  }
  if (header === undefined) throw new GraftError("USAGE", "Cannot read the commit: it has no header");
  return { ...header, files };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function fromBase64(text: string): Uint8Array {
  try {
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
    return bytes;
  } catch (cause) {
    throw new GraftError("USAGE", "Cannot read the commit: a file of it is no base64", { cause });
  }
}
