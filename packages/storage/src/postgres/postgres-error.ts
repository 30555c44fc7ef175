import { GraftError, type ErrorCode } from "@graft/error";

interface Reason {
  readonly code: ErrorCode;
  readonly why: string;
  readonly hint: string;
  /** What is known of the statement: `undone` by the server, or `lost` with the connection. */
  readonly end?: "undone" | "lost";
}

const AT_ONCE: Reason = { code: "CONFLICT", why: "others wrote the same at once", hint: "Try again", end: "undone" };
const LOST: Reason = { code: "UNAVAILABLE", why: "the connection was lost", hint: "Try again later", end: "lost" };
const NOT_LET_IN: Reason = {
  code: "UNAVAILABLE",
  why: "it does not let us in",
  hint: "Check user, password and database of GRAFT_DATABASE",
};

/** By SQLSTATE, whole or its class of two letters, or by Node's code. */
const REASONS: Readonly<Record<string, Reason>> = {
  "40001": AT_ONCE,
  "40P01": AT_ONCE,
  "08": LOST,
  "57P01": LOST,
  "57P02": LOST,
  "57P03": LOST,
  "57P05": LOST,
  "25P03": LOST,
  ECONNREFUSED: LOST,
  ECONNRESET: LOST,
  EPIPE: LOST,
  ETIMEDOUT: LOST,
  EHOSTUNREACH: LOST,
  ENETUNREACH: LOST,
  ENOTFOUND: LOST,
  EAI_AGAIN: LOST,
  "53300": { code: "UNAVAILABLE", why: "it has too many connections", hint: "Lower GRAFT_DATABASE_CONNECTIONS, or raise max_connections" },
  "57014": { code: "UNAVAILABLE", why: "a statement took too long", hint: "Try again later" },
  "55P03": { code: "UNAVAILABLE", why: "others hold a lock for too long", hint: "Try again later" },
  "25006": { code: "NOT_WRITABLE", why: "it is read-only", hint: "Name the primary server in GRAFT_DATABASE" },
  "42501": { code: "NOT_WRITABLE", why: "the user may not do this", hint: "Let the user of GRAFT_DATABASE create tables" },
  "53100": { code: "DISK_FULL", why: "its disk is full", hint: "Free some space" },
  "28": NOT_LET_IN,
  "3D000": NOT_LET_IN,
};

/** What the driver says without a code when the connection goes away. */
const LOST_MESSAGE =
  /connection terminated|connection error and is not queryable|timeout exceeded when trying to connect|query read timeout/i;

/** What the driver throws as a GraftError, where what to do is known; anything else stays as it is. Never with the address, which holds a password. */
export function postgresError(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  // Several addresses of one host that all refuse come as one error.
  const [first = cause] = cause instanceof AggregateError ? (cause.errors as Error[]) : [];
  const state = "code" in first ? String(first.code) : "";
  const reason = REASONS[state] ?? REASONS[state.slice(0, 2)] ?? (LOST_MESSAGE.test(first.message) ? LOST : undefined);
  if (reason === undefined) return cause;
  const { code, why, hint, end } = reason;
  return new GraftError(code, `Cannot use the database: ${why}`, {
    hint,
    detail: { sqlstate: state, ...(end === undefined ? {} : { end }) },
    cause,
  });
}

/** Whether the connection went away before the answer came. */
export function isLost(error: unknown): boolean {
  return error instanceof GraftError && error.detail?.["end"] === "lost";
}
