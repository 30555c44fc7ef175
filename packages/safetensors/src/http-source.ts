import { GraftError } from "@graft/error";
import { checkRange, type ByteSource } from "./byte-source.ts";
import { LIMITS } from "./limits.ts";

/** How to reach the server; `fetch` is passed in where proxies or tokens are at work. */
export interface HttpOptions {
  readonly fetch?: typeof globalThis.fetch;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A file on a server that answers range requests. READ_FAILED when it does not, or when the file changes meanwhile. */
export async function httpSource(url: string | URL, options: HttpOptions = {}): Promise<ByteSource> {
  const first = await request(url, { begin: 0, end: LIMITS.firstRequestBytes }, options);
  const { size, version } = first;
  return {
    size,
    async read(offset, length) {
      checkRange(size, offset, length);
      const end = offset + length;
      if (length === 0 || end <= first.bytes.length) return first.bytes.slice(offset, end);
      const part = await request(url, { begin: offset, end }, options);
      if (part.size !== size || part.version !== version) throw failed(url, "the file changed while it was read");
      if (part.bytes.length !== length) throw failed(url, `${part.bytes.length} bytes came, want ${length}`);
      return part.bytes;
    },
    async close() {},
  };
}

interface Part {
  readonly bytes: Uint8Array;
  readonly size: number;
  /** The server's mark of the file's content, if it gives one. */
  readonly version: string | null;
}

async function request(url: string | URL, range: { begin: number; end: number }, options: HttpOptions): Promise<Part> {
  const { fetch = globalThis.fetch, headers = {}, signal } = options;
  const response = await fetch(url, {
    // A compressed answer would make the offsets mean something else.
    headers: { ...headers, range: `bytes=${range.begin}-${range.end - 1}`, "accept-encoding": "identity" },
    ...(signal === undefined ? {} : { signal }),
  }).catch((cause: unknown) => {
    throw failed(url, cause instanceof Error ? cause.message : String(cause), cause);
  });
  const contentRange = response.headers.get("content-range") ?? "";
  const version = response.headers.get("etag") ?? response.headers.get("last-modified");
  // An empty file has no range that could be satisfied.
  if (response.status === 416 && contentRange === "bytes */0") {
    await response.body?.cancel();
    return { bytes: new Uint8Array(), size: 0, version };
  }
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(contentRange);
  if (response.status !== 206 || match === null) {
    await response.body?.cancel();
    throw failed(url, response.status === 200 ? "the server does not serve ranges" : `the server answers ${response.status}`);
  }
  const [begin = 0, last = 0, size = 0] = match.slice(1).map(Number);
  if (begin !== range.begin || last + 1 > range.end || !Number.isSafeInteger(size)) {
    await response.body?.cancel();
    throw failed(url, `the server sends "${contentRange}"`);
  }
  return { bytes: await readBody(url, response, last + 1 - begin), size, version };
}

/** Reads a body of a known length, and never more: a server cannot fill the memory. */
async function readBody(url: string | URL, response: Response, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  try {
    for await (const chunk of response.body ?? []) {
      if (done + chunk.length > length) throw failed(url, `more than ${length} bytes came`);
      bytes.set(chunk, done);
      done += chunk.length;
    }
  } catch (cause) {
    throw cause instanceof GraftError ? cause : failed(url, "the connection broke", cause);
  }
  if (done !== length) throw failed(url, `${done} bytes came, want ${length}`);
  return bytes;
}

/** The query may carry a signature, so it is left out of the message. */
function failed(url: string | URL, why: string, cause?: unknown): GraftError {
  const { origin, pathname } = new URL(url);
  return new GraftError("READ_FAILED", `Cannot read ${origin}${pathname}: ${why}`, { cause });
}
