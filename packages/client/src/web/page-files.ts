import { type Digest, sha256 } from "@graft/digest";
import { GraftError, isGraftError } from "@graft/error";
import { z } from "zod";
import type { Progress } from "../download.ts";
import { pause } from "../http.ts";
import type { PageCache } from "./page-cache.ts";
import type { PageDocuments } from "./page-documents.ts";

/** What is known of a file on a server before it is fetched. */
const Facts = z.object({ path: z.string(), digest: z.string().optional(), missing: z.boolean().optional() });

/** How a file is fetched. */
export interface PageFileOptions {
  /** What the bytes must hash to, where that is known. */
  readonly digest?: Digest | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress | undefined;
}

/** Times a broken connection is taken up again; progress starts the count anew. */
const RESUMES = 5;

/** Files of servers by their address, kept by the page: fetched by ranges, hashed while they come, asked for again only when the server says that they changed. */
export class PageFiles {
  readonly #cache: PageCache;
  readonly #documents: PageDocuments;
  readonly #fetch: typeof fetch;

  constructor(parts: { cache: PageCache; documents: PageDocuments; fetch: typeof fetch }) {
    this.#cache = parts.cache;
    this.#documents = parts.documents;
    this.#fetch = parts.fetch;
  }

  /** The bytes at an address, from the server or, where it does not answer, as they were last. FILE_NOT_FOUND, READ_FAILED, DIGEST_MISMATCH, CANCELLED. */
  async read(url: string, options: PageFileOptions = {}): Promise<Uint8Array> {
    const bytes = await this.find(url, options);
    if (bytes !== undefined) return bytes;
    throw new GraftError("FILE_NOT_FOUND", `Cannot read ${url}: the server has no such file`);
  }

  /** The same; undefined for a file that the server does not have. */
  async find(url: string, options: PageFileOptions = {}): Promise<Uint8Array | undefined> {
    const { digest } = options;
    const kept = digest === undefined ? undefined : await this.#cache.tryRead(digest.slice("sha256:".length));
    if (kept !== undefined) return kept;
    const known = await this.#known(url);
    const remote = await this.#look(url, options).catch((cause: unknown) => {
      if (known === undefined || !isGraftError(cause) || cause.code !== "READ_FAILED") throw cause;
      return undefined;
    });
    if (remote === "missing") {
      await this.#documents.write(`url ${url}`, { path: "", missing: true });
      return undefined;
    }
    if (remote === undefined) return known?.missing === true ? undefined : this.#cache.read(known?.path ?? "");
    const path = digest?.slice("sha256:".length) ?? `url-${await hexOf(`${url}\n${remote.mark}`)}`;
    // Without a mark of its content nobody can tell whether a file changed.
    const same = remote.mark === "" ? undefined : await this.#cache.tryRead(path);
    if (same === undefined) await this.#download(url, { ...options, ...remote, path });
    await this.#documents.write(`url ${url}`, { path });
    return same ?? this.#cache.read(path);
  }

  async #known(url: string): Promise<z.infer<typeof Facts> | undefined> {
    return Facts.safeParse(await this.#documents.read(`url ${url}`)).data;
  }

  /** Asks for the first byte: the answer tells the size, the mark of the content, and whether the server knows ranges. */
  async #look(url: string, { signal }: PageFileOptions): Promise<{ size: number | undefined; mark: string } | "missing"> {
    const response = await this.#ask(url, { headers: { range: "bytes=0-0" }, signal });
    await response.body?.cancel();
    // A server of one page answers every address with that page.
    if (response.status === 404 || response.headers.get("content-type")?.startsWith("text/html") === true) return "missing";
    const total = /\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1];
    if (response.status !== 206 && response.status !== 200 && response.status !== 416)
      throw new GraftError("READ_FAILED", `Cannot read ${url}: the server answers ${response.status}`);
    const mark = response.headers.get("etag") ?? response.headers.get("last-modified");
    return { size: total === undefined ? undefined : Number(total), mark: mark === null ? "" : `${mark} ${total ?? ""}` };
  }

  async #download(url: string, options: PageFileOptions & { path: string; size: number | undefined; mark: string }): Promise<void> {
    const { path, digest, size, mark, signal, progress } = options;
    const sink = await this.#cache.openPath(path, digest);
    try {
      if (mark === "" && digest === undefined) await sink.restart();
      for (let failures = 0; ;) {
        const begin = sink.offset;
        if (size !== undefined && begin >= size) break;
        try {
          const response = await this.#ask(url, { ...(begin === 0 ? {} : { headers: { range: `bytes=${begin}-` } }), signal });
          if (!response.ok) throw new GraftError("READ_FAILED", `Cannot read ${url}: the server answers ${response.status}`);
          if (begin > 0 && response.status !== 206) await sink.restart();
          for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
            await sink.write(chunk);
            progress?.(sink.offset, size ?? sink.offset);
          }
          if (size === undefined || sink.offset >= size) break;
          throw new TypeError("the connection closed early");
        } catch (cause) {
          if (isGraftError(cause) && cause.code !== "READ_FAILED") throw cause;
          if (signal?.aborted === true) throw new GraftError("CANCELLED", "The download was cancelled", { cause });
          failures = sink.offset > begin ? 1 : failures + 1;
          if (failures > RESUMES) throw cause;
          await pause(failures);
        }
      }
    } catch (cause) {
      await sink.close();
      throw cause;
    }
    await sink.commit();
  }

  async #ask(url: string, { headers, signal }: { headers?: Record<string, string>; signal?: AbortSignal | undefined }): Promise<Response> {
    try {
      return await this.#fetch(url, { headers: headers ?? {}, signal: signal ?? null, cache: "no-store" });
    } catch (cause) {
      if (signal?.aborted === true) throw new GraftError("CANCELLED", "The download was cancelled", { cause });
      throw new GraftError("READ_FAILED", `Cannot read ${url}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
}

async function hexOf(text: string): Promise<string> {
  return (await sha256(new TextEncoder().encode(text))).slice("sha256:".length);
}
