import { CODES, GraftError, isGraftError } from "@graft/error";
import type { Context } from "hono";
import { errorResponse } from "../../error-response.ts";

/** What the Hub's clients look for in `X-Error-Code`. */
export type HubFault = "RepoNotFound" | "RevisionNotFound" | "EntryNotFound";

/** NOT_FOUND in the words of the Hub; `commit` lets clients remember that a file is not there. */
export function hubNotFound(fault: HubFault, why: string, commit?: string): GraftError {
  return new GraftError("NOT_FOUND", `Cannot find ${why}`, { detail: { fault, ...(commit === undefined ? {} : { commit }) } });
}

/** An error as the Hub's clients read it: a body with `error`, and headers. */
export function hubErrorResponse(context: Context, { cause, onFault }: { cause: unknown; onFault: (cause: unknown) => void }): Response {
  const error = isGraftError(cause) ? cause : undefined;
  if (error === undefined || CODES[error.code].status >= 500) return errorResponse(context, { cause, onFault });
  const { status } = CODES[error.code];
  const message = `${error.message}${error.hint === undefined ? "" : `. ${error.hint}`}`;
  const { fault, commit } = error.detail ?? {};
  const headers: Record<string, string> = {
    "content-type": "application/json",
    // Headers hold Latin-1 only.
    "x-error-message": message.replaceAll(/[^\x20-\x7e]/g, "?"),
  };
  if (typeof fault === "string") headers["x-error-code"] = fault;
  if (typeof commit === "string") headers["x-repo-commit"] = commit;
  return context.body(JSON.stringify({ error: message }), { status: status as 400, headers });
}
