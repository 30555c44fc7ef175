import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, normalize, sep } from "node:path";
import type { Connect } from "vite";

/** Serves the files of a bundle in development, by ranges and with marks of their content, as a site's server does. */
export function serveBundle(folderOf: () => Promise<string>): Connect.NextHandleFunction {
  return (request, response, next) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://site").pathname));
    if (path.split(sep).includes("..")) {
      next();
      return;
    }
    folderOf()
      .then((folder) => readFile(join(folder, path)))
      .then(
        (bytes) => {
          const [, first, last = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
          const begin = Math.min(Number(first ?? 0), bytes.length);
          const end = last === "" ? bytes.length : Math.min(bytes.length, Number(last) + 1);
          response.statusCode = first === undefined ? 200 : 206;
          response.setHeader("etag", `"${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}"`);
          response.setHeader("accept-ranges", "bytes");
          if (first !== undefined) response.setHeader("content-range", `bytes ${begin}-${end - 1}/${bytes.length}`);
          response.end(bytes.subarray(begin, end));
        },
        (cause: NodeJS.ErrnoException) => {
          if (cause.code !== "ENOENT" && cause.code !== "EISDIR") {
            next(cause);
            return;
          }
          response.statusCode = 404;
          response.end();
        },
      );
  };
}
