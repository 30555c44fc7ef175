import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";

/** A request that a file server got. */
interface Asked {
  readonly path: string;
  readonly range: string | undefined;
}

/** Files of a folder over HTTP, with ranges and marks of their content, for pages of any origin; it can break connections and change bytes. */
export interface FileServer {
  readonly origin: string;
  readonly asked: Asked[];
  /** Ends the next answers for a path after so many bytes; one that is `held` stays open then. */
  cut(path: string, after: number, options?: { readonly held?: boolean }): void;
  /** Serves other bytes in place of a file. */
  replace(path: string, bytes: Uint8Array): void;
  close(): Promise<void>;
}

/** Serves a folder on a free port. */
export async function serveFiles(folder: string): Promise<FileServer> {
  const asked: Asked[] = [];
  const cuts = new Map<string, { after: number; held: boolean }[]>();
  const replaced = new Map<string, Uint8Array>();
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname));
    const origin = { "access-control-allow-origin": "*", "access-control-expose-headers": "etag, content-range" };
    if (request.method === "OPTIONS") {
      response.writeHead(204, { ...origin, "access-control-allow-headers": "*" }).end();
      return;
    }
    asked.push({ path, range: request.headers.range });
    void (async () => {
      const bytes = replaced.get(path) ?? (await readFile(join(folder, path)).catch(() => undefined));
      if (bytes === undefined) {
        response.writeHead(404, origin).end();
        return;
      }
      const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
      const begin = Number(first ?? 0);
      const end = last === undefined || last === "" ? bytes.length : Math.min(bytes.length, Number(last) + 1);
      const part = bytes.subarray(begin, end);
      response.writeHead(first === undefined ? 200 : 206, {
        ...origin,
        etag: `"${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}"`,
        "content-length": part.length,
        ...(first === undefined ? {} : { "content-range": `bytes ${begin}-${end - 1}/${bytes.length}` }),
      });
      const cut = part.length > 1 ? cuts.get(path)?.shift() : undefined;
      if (cut === undefined) {
        response.end(part);
        return;
      }
      response.write(part.subarray(0, cut.after), () => {
        if (!cut.held) setTimeout(() => response.destroy(), 50);
      });
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    cut: (path, after, { held = false } = {}) => cuts.set(path, [...(cuts.get(path) ?? []), { after, held }]),
    replace: (path, bytes) => replaced.set(path, bytes),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
