import { CODES, GraftError, isGraftError, type ErrorCode } from "@graft/error";
import { ErrorBody } from "@graft/protocol";
import type { z } from "zod";
import { type Patience, PATIENCE, readJson } from "./bounded-body.ts";

/** Where a registry is and how it is spoken to. */
export interface Connection {
  /** Origin and path prefix, without a slash at the end. */
  readonly registry: string;
  readonly token?: string | undefined;
  readonly fetch: typeof fetch;
  /** Left out, what a bad mobile network passes. */
  readonly patience?: Patience | undefined;
  /** Whether bytes may come from where the registry says that they are; a page may not ask other origins. */
  readonly direct?: boolean | undefined;
}

/** One request. `schema` checks the answer; a body is sent as JSON. */
export interface RequestOptions<Schema extends z.ZodType> {
  readonly path: string;
  readonly schema: Schema;
  readonly query?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** Seconds to wait before the second and third try of a request that can be repeated. */
const RETRY_SECONDS = [0.2, 1];

/** Waits longer after each failure in a row: 0.1 s, 0.2 s, 0.4 s, … */
export async function pause(failures: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** failures));
}

/** Sends a request and gives the checked answer, or the GraftError that the registry answered with. */
export async function request<Schema extends z.ZodType>(
  connection: Connection,
  method: string,
  options: RequestOptions<Schema>,
): Promise<z.output<Schema>> {
  const url = new URL(connection.registry + options.path);
  for (const [key, value] of Object.entries(options.query ?? {})) {
    for (const each of typeof value === "object" ? value : [value]) if (each !== undefined) url.searchParams.append(key, String(each));
  }
  const init: RequestInit = {
    method,
    headers: { accept: "application/json", ...(options.body === undefined ? {} : { "content-type": "application/json" }) },
  };
  if (options.body !== undefined) init.body = JSON.stringify(options.body);
  const response = await send(connection, url, { ...init, signal: options.signal ?? null });
  const answer: unknown = response.status === 204 ? undefined : await readJson(response, connection.patience ?? PATIENCE);
  const parsed = options.schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new GraftError("REGISTRY_UNREACHABLE", `Cannot understand the answer of ${url.origin}: it is not what the protocol says`, {
    hint: "Check that the address is that of a Graft registry",
    detail: { path: url.pathname, issues: parsed.error.issues.slice(0, 3).map((issue) => issue.message) },
  });
}

/** Sends a request with the token and turns refusals and broken connections into GraftErrors. GET and HEAD are repeated. `accept` lists statuses that are an answer too. */
export async function send(
  connection: Connection,
  url: URL,
  init: RequestInit & { readonly accept?: readonly number[] },
): Promise<Response> {
  const headers = new Headers(init.headers);
  if (connection.token !== undefined) headers.set("authorization", `Bearer ${checkedToken(connection.token, url)}`);
  const repeatable = init.method === undefined || init.method === "GET" || init.method === "HEAD";
  for (let attempt = 0; ; attempt++) {
    const wait = repeatable ? RETRY_SECONDS[attempt] : undefined;
    try {
      const response = await connection.fetch(url, { ...init, headers });
      if (response.ok || init.accept?.includes(response.status) === true) return response;
      const error = await refusal(
        connection,
        url,
        init.method === "HEAD" ? await withBody(connection, url, { init, headers, response }) : response,
      );
      if (wait === undefined || (response.status < 502 && response.status !== 429)) throw error;
    } catch (cause) {
      if (isGraftError(cause)) throw cause;
      if (init.signal?.aborted === true) throw new GraftError("CANCELLED", "Cancelled", { cause });
      if (wait === undefined) throw unreachable(url, cause);
    }
    await new Promise((resolve) => setTimeout(resolve, wait * 1000));
  }
}

/** What refuses a HEAD says nothing; the same GET is refused with a reason. */
async function withBody(
  connection: Connection,
  url: URL,
  { init, headers, response }: { init: RequestInit; headers: Headers; response: Response },
): Promise<Response> {
  const again = await connection.fetch(url, { ...init, method: "GET", headers });
  if (again.status === response.status) return again;
  await again.body?.cancel();
  return response;
}

/** A token never travels over plain HTTP, except to this machine. */
function checkedToken(token: string, url: URL): string {
  const loopback = url.hostname === "localhost" || url.hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(url.hostname);
  if (url.protocol === "https:" || loopback) return token;
  throw new GraftError("UNAUTHORIZED", `Cannot send the token to ${url.origin}: the connection is not encrypted`, {
    hint: "Use an https:// address",
  });
}

/** The error a registry answered with; a foreign answer is told apart by its status. */
async function refusal({ patience = PATIENCE }: Connection, url: URL, response: Response): Promise<GraftError> {
  const body = ErrorBody.safeParse(await readJson(response, patience));
  if (!body.success) {
    const code = response.status === 401 ? "UNAUTHORIZED" : response.status === 404 ? "NOT_FOUND" : "REGISTRY_UNREACHABLE";
    return new GraftError(code, `Cannot use ${url.origin}: it answered ${response.status} to ${url.pathname}`, {
      hint: "Check that the address is that of a Graft registry",
    });
  }
  const { code, message, hint, detail } = body.data.error;
  const known: ErrorCode = code in CODES ? (code as ErrorCode) : "INTERNAL";
  return new GraftError(known, message, { ...(hint === undefined ? {} : { hint }), ...(detail === undefined ? {} : { detail }) });
}

function unreachable(url: URL, cause: unknown): GraftError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const reason = inner instanceof Error ? ("code" in inner ? String(inner.code) : inner.message) : String(inner);
  return new GraftError("REGISTRY_UNREACHABLE", `Cannot reach the registry at ${url.origin}: ${reason}`, {
    hint: "Check the address and that the registry is running (graft serve)",
    cause,
  });
}
