import { CODES, type ErrorCode, GraftError } from "@graft/error";
import { ErrorBody } from "@graft/protocol";
import type { z } from "zod";

/** Sends a request to the registry that is mirrored; throws what `fetch` throws when it is away. */
export type FetchUpstream = (path: string, init?: RequestInit) => Promise<Response>;

/** Bytes of a document from upstream. */
const DOCUMENT_BYTES = 32 * 2 ** 20;

/** Milliseconds that one may take. */
const DOCUMENT_TIME = 60_000;

/** Asks upstream for a document and checks its shape. REGISTRY_UNREACHABLE when it is away, LIMIT_EXCEEDED, and what upstream refuses with. */
export async function upstreamJson<Schema extends z.ZodType>(
  fetchUpstream: FetchUpstream,
  path: string,
  { schema, body }: { readonly schema: Schema; readonly body?: unknown },
): Promise<z.output<Schema>> {
  const bytes = await upstreamBytes(fetchUpstream, path, body);
  let answer: unknown;
  try {
    answer = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Said below.
  }
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new GraftError("REGISTRY_UNREACHABLE", `Cannot understand the answer of the upstream registry to ${path.slice(0, 200)}`);
}

/** Asks upstream for bytes, within bounds. */
export async function upstreamBytes(fetchUpstream: FetchUpstream, path: string, body?: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const init: RequestInit =
    body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetchUpstream(path, { ...init, signal: AbortSignal.timeout(DOCUMENT_TIME) }).catch((cause: unknown) => {
    throw away(cause);
  });
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array<ArrayBuffer>>) {
      size += chunk.length;
      if (size > DOCUMENT_BYTES)
        throw new GraftError(
          "LIMIT_EXCEEDED",
          `Cannot take the answer of the upstream registry: it is longer than ${DOCUMENT_BYTES} bytes`,
        );
      chunks.push(chunk);
    }
  } catch (cause) {
    throw cause instanceof GraftError ? cause : away(cause);
  }
  const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
  if (response.ok) return bytes;
  throw refusal(bytes, response.status);
}

/** The error of a registry that is away: a mirror goes on with what it holds. */
export function away(cause: unknown): GraftError {
  return new GraftError("REGISTRY_UNREACHABLE", "Cannot reach the upstream registry, and the mirror does not hold this", {
    hint: "Pull it once while the registry can be reached",
    detail: { away: true },
    cause,
  });
}

function refusal(bytes: Uint8Array, status: number): GraftError {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Said below.
  }
  const parsed = ErrorBody.safeParse(body);
  // A gateway in between answers for a registry that is away.
  if (!parsed.success || status >= 500) return away(new Error(`status ${status}`));
  const { code, message, hint } = parsed.data.error;
  return new GraftError(code in CODES ? (code as ErrorCode) : "INTERNAL", message, hint === undefined ? {} : { hint });
}
