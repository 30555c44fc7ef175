import { GraftError, isGraftError } from "@graft/error";

/** The same error, with the word that nothing of its transaction stayed: whoever began it may run it again. */
export function undone(error: unknown): unknown {
  if (!isGraftError(error)) return error;
  const { code, message, hint, detail, cause } = error;
  return new GraftError(code, message, { ...(hint === undefined ? {} : { hint }), detail: { ...detail, end: "undone" }, cause });
}

/** Whether the database undid the transaction, through no fault of what it did. */
export function isUndone(error: unknown): boolean {
  return isGraftError(error) && error.detail?.["end"] === "undone";
}
