import { CODES, GraftError, isGraftError, type ErrorCode } from "@graft/error";
import type { ErrorBody } from "@graft/protocol";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";

/** Any failure in the one shape. What is wrong with the registry itself goes to `onFault`, and only its kind to the sender. */
export function errorResponse(context: Context, { cause, onFault }: { cause: unknown; onFault: (cause: unknown) => void }): Response {
  const error = asGraftError(cause);
  const { status } = CODES[error.code];
  const isFault = status >= 500;
  if (isFault) onFault(cause);
  const { code, hint, detail } = error;
  // Messages of our own faults name paths of the machine.
  const body: ErrorBody = isFault
    ? {
        error: {
          code,
          message: `Cannot answer: ${CODES[code].summary.toLowerCase()}`,
          hint: "Tell whoever runs the registry, and try again later",
        },
      }
    : {
        error: {
          code,
          message: error.message,
          ...(hint === undefined ? {} : { hint }),
          ...(detail === undefined ? {} : { detail: { ...detail } }),
        },
      };
  const headers: Record<string, string> = code === "UNAUTHORIZED" ? { "www-authenticate": 'Bearer realm="graft"' } : {};
  if (detail?.["retryAfter"] !== undefined) headers["retry-after"] = String(detail["retryAfter"]);
  return context.body(JSON.stringify(body), { status: status as 400, headers: { ...headers, "content-type": "application/json" } });
}

function asGraftError(cause: unknown): GraftError {
  if (isGraftError(cause)) return cause;
  if (cause instanceof HTTPException && cause.status < 500)
    return new GraftError("USAGE", `Cannot read the request: ${cause.message}`, { cause });
  return new GraftError("INTERNAL", "Unexpected fault", { cause });
}

/** What the validator found, as an error: a part of the path is a name, anything else is usage. */
export function invalidRequest(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
  target: string,
): GraftError {
  const code: ErrorCode = target === "param" ? "NAME_INVALID" : "USAGE";
  const lines = issues.slice(0, 20).map(({ path, message }) => `${path.map(String).join(".") || target}: ${message}`.slice(0, 300));
  return new GraftError(code, `Cannot read the request: ${lines[0] ?? target}`, { detail: { issues: lines } });
}
