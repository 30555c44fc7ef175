import { type ErrorCode, GraftError, isGraftError } from "@graft/error";
import type { OperatorTime, RunOptions, Session, SessionOptions } from "./session.ts";
import type { Feeds } from "./tensor-value.ts";

/** What the main thread asks, each with a number that the answer repeats. */
export type Request = { readonly id: number } & (
  | { readonly kind: "open"; readonly model: Uint8Array; readonly options: SessionOptions }
  | { readonly kind: "run"; readonly feeds: Feeds; readonly options: RunOptions }
  | { readonly kind: "state"; readonly names: readonly string[] | undefined }
  | { readonly kind: "setState"; readonly state: Feeds }
  | { readonly kind: "operatorTimes" }
  | { readonly kind: "close" }
);

/** An answer: what was asked for, or why not. */
export interface Answer {
  readonly id: number;
  readonly values?: Feeds;
  readonly times?: readonly OperatorTime[];
  readonly loaded?: { readonly inputs: readonly string[]; readonly outputs: readonly string[]; readonly device: Session["device"] };
  readonly fault?: Fault;
}

/** A GraftError as it crosses a thread. */
export interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly detail: Readonly<Record<string, unknown>> | undefined;
  readonly stack: string | undefined;
}

/** An error for the journey; anything that is no GraftError is INTERNAL. */
export function toFault(error: unknown): Fault {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (isGraftError(error)) return { code: error.code, message, hint: error.hint, detail: error.detail, stack };
  return { code: "INTERNAL", message, hint: undefined, detail: undefined, stack };
}

/** The error after the journey. */
export function fromFault({ code, message, hint, detail, stack }: Fault): GraftError {
  const error = new GraftError(code, message, { ...(hint === undefined ? {} : { hint }), ...(detail === undefined ? {} : { detail }) });
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** Values that own their buffers, so that posting one does not copy a larger buffer around it. */
export function compact(values: Feeds): Feeds {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      value.data.byteLength === value.data.buffer.byteLength ? value : { ...value, data: value.data.slice() },
    ]),
  );
}

/** Buffers to move instead of copying: each once, and only where a value is the whole of its buffer. */
export function movable(values: Feeds): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { data } of Object.values(values)) {
    if (data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength) buffers.add(data.buffer);
  }
  return [...buffers];
}
