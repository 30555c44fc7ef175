import { GraftError } from "@graft/error";

/** What a person writes to name an adapter: `@scope/name`, `@scope/name@^1`, `@scope/name@latest`. */
export interface Reference {
  readonly name: string;
  readonly scope: string;
  /** Version, range or tag; `latest` when left out. */
  readonly range: string;
}

const PATTERN = /^@([a-z0-9][a-z0-9._-]{0,63})\/([a-z0-9][a-z0-9._-]{0,63})(?:@(.{1,200}))?$/;

/** Whether a text reads as a reference rather than a path. */
export function isReference(text: string): boolean {
  return PATTERN.test(text);
}

/** Reads a reference; NAME_INVALID when it is none. */
export function parseReference(text: string): Reference {
  const match = PATTERN.exec(text);
  if (match === null) {
    throw new GraftError("NAME_INVALID", `Cannot read "${text}" as an adapter: want @scope/name or @scope/name@range`, { hint: "Names are lower case, as in @acme/topics@^1" });
  }
  return { scope: match[1] as string, name: `@${match[1]}/${match[2]}`, range: match[3] ?? "latest" };
}
