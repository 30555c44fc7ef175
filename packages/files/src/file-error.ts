import { GraftError, isGraftError, type ErrorCode } from "@graft/error";

const REASONS: Readonly<Record<string, { code: ErrorCode; why: string; hint?: string }>> = {
  ENOENT: { code: "FILE_NOT_FOUND", why: "it does not exist" },
  ENOTDIR: { code: "FILE_NOT_FOUND", why: "a part of the path is no folder" },
  EISDIR: { code: "FILE_NOT_FOUND", why: "it is a folder" },
  ENOSPC: { code: "DISK_FULL", why: "the disk is full", hint: "Free some space, or choose another folder" },
  EDQUOT: { code: "DISK_FULL", why: "the quota is used up", hint: "Free some space, or choose another folder" },
  EFBIG: { code: "DISK_FULL", why: "the file system allows no file of this size" },
  EACCES: { code: "NOT_WRITABLE", why: "permission is denied", hint: "Check who owns the folder, or choose another" },
  EPERM: { code: "NOT_WRITABLE", why: "the operation is not permitted", hint: "Check who owns the folder, or choose another" },
  EROFS: { code: "NOT_WRITABLE", why: "the file system is read-only", hint: "Choose another folder" },
  EEXIST: { code: "NOT_WRITABLE", why: "it exists already", hint: "Choose another path, or remove it first" },
  ENOTEMPTY: { code: "NOT_WRITABLE", why: "it exists already and is not empty", hint: "Choose another path, or remove it first" },
};

/** Turns what `node:fs` throws into a GraftError; `what` completes "Cannot …", as in `write "a.txt"`. GraftErrors pass through. */
export function fileError(cause: unknown, what: string): GraftError {
  if (isGraftError(cause)) return cause;
  const errno = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
  const reason = errno === undefined ? undefined : REASONS[errno];
  if (reason === undefined) {
    const text = cause instanceof Error ? cause.message : String(cause);
    return new GraftError(errno === undefined ? "INTERNAL" : "NOT_WRITABLE", `Cannot ${what}: ${text}`, { cause });
  }
  const { code, why, hint } = reason;
  return new GraftError(code, `Cannot ${what}: ${why}`, { cause, detail: { errno }, ...(hint === undefined ? {} : { hint }) });
}
