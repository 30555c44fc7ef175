import { CODES, GraftError, isGraftError } from "@graft/error";
import type { Context } from "hono";
import { errorResponse } from "../../error-response.ts";

/** Error codes of the distribution specification that the registry gives. */
type OciCode =
  | "NAME_UNKNOWN"
  | "MANIFEST_UNKNOWN"
  | "BLOB_UNKNOWN"
  | "NAME_INVALID"
  | "UNSUPPORTED"
  | "DENIED"
  | "UNAUTHORIZED"
  | "TOOMANYREQUESTS";

/** NOT_FOUND with the code that the clients of the specification know. */
export function unknown(code: OciCode, what: string): GraftError {
  return new GraftError("NOT_FOUND", `Cannot find ${what}`, { detail: { oci: code } });
}

/** An error in the shape of the specification; without a token, where to get one. */
export function ociErrorResponse(
  context: Context,
  { cause, onFault, challenge }: { cause: unknown; onFault: (cause: unknown) => void; challenge: string },
): Response {
  const error = isGraftError(cause) ? cause : undefined;
  if (error === undefined || CODES[error.code].status >= 500) return errorResponse(context, { cause, onFault });
  const { status } = CODES[error.code];
  const known = error.detail?.["oci"];
  const code =
    typeof known === "string"
      ? known
      : status === 401
        ? "UNAUTHORIZED"
        : status === 403
          ? "DENIED"
          : status === 404
            ? "NAME_UNKNOWN"
            : status === 429
              ? "TOOMANYREQUESTS"
              : "UNSUPPORTED";
  const message = `${error.message}${error.hint === undefined ? "" : `. ${error.hint}`}`;
  const headers: Record<string, string> = {
    "content-type": "application/json",
    ...(status === 401 ? { "www-authenticate": challenge } : {}),
  };
  return context.body(JSON.stringify({ errors: [{ code, message }] }), { status: status as 400, headers });
}
