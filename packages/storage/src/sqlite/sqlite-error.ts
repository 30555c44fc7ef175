import { GraftError, type ErrorCode } from "@graft/error";

const REASONS: Readonly<Record<string, { code: ErrorCode; why: string; hint: string }>> = {
  SQLITE_FULL: { code: "DISK_FULL", why: "the disk is full", hint: "Free some space" },
  // The shared-memory file of the write-ahead log could not grow.
  SQLITE_IOERR_SHMSIZE: { code: "DISK_FULL", why: "the disk is full", hint: "Free some space" },
  SQLITE_READONLY: { code: "NOT_WRITABLE", why: "it is read-only", hint: "Check who owns the data folder" },
  SQLITE_CANTOPEN: { code: "NOT_WRITABLE", why: "the file cannot be opened", hint: "Check that the data folder exists and who owns it" },
  SQLITE_BUSY: { code: "CONFLICT", why: "another process writes for too long", hint: "Try again" },
  SQLITE_NOTADB: { code: "CONFLICT", why: "the file is no SQLite database", hint: "Name another data folder" },
};

/** What the driver throws as a GraftError, where what to do is known; anything else stays as it is. */
export function sqliteError(cause: unknown): unknown {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const reason = REASONS[code] ?? REASONS[code.split("_", 2).join("_")];
  if (reason === undefined) return cause;
  return new GraftError(reason.code, `Cannot use the database: ${reason.why}`, { hint: reason.hint, detail: { sqlite: code }, cause });
}
