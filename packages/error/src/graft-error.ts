import { CODES, type ErrorCode } from "./codes.ts";

/** What goes with a message: what to do about it, facts for programs, and what caused it. */
export interface GraftErrorOptions {
  readonly hint?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The one error of Graft. Messages read "Cannot X: why", quote values, and say what is, then what was wanted. */
export class GraftError extends Error {
  override readonly name = "GraftError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly detail: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: GraftErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.detail = options.detail;
  }

  /** HTTP status that a server answers with. */
  get status(): number {
    return CODES[this.code].status;
  }

  /** Exit status of a command. */
  get exit(): number {
    return CODES[this.code].exit;
  }
}

/** Whether a value is a GraftError, also one that another copy of this package made or that crossed a worker. */
export function isGraftError(value: unknown): value is GraftError {
  return value instanceof Error && value.name === "GraftError" && "code" in value;
}
