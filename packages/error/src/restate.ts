import { GraftError, isGraftError } from "./graft-error.ts";

/** Says again, with the name of the thing, what failed inside it: "Cannot read safetensors: why" becomes "Cannot <what>: why". Other errors pass through. */
export function restate(cause: unknown, what: string, hint?: string): unknown {
  if (!isGraftError(cause)) return cause;
  const why = cause.message.replace(/^Cannot (?:(?!: ).)+: /s, "");
  const said = cause.hint ?? hint;
  return new GraftError(cause.code, `Cannot ${what}: ${why}`, {
    cause,
    ...(said === undefined ? {} : { hint: said }),
    ...(cause.detail === undefined ? {} : { detail: cause.detail }),
  });
}
