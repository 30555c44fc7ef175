import { createReadStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { GraftError } from "@graft/error";
import type { Hono } from "hono";
import { type BaseFolders, servedBase } from "../base-files.ts";
import type { PageEnvironment } from "../context.ts";

/** Bytes of the bases that pages may run. Their names are those of a listing, so no path leads out of a folder. */
export function mountBaseFiles(app: Hono<PageEnvironment>, folders: BaseFolders): void {
  app.get("/bases/:digest{[0-9a-f]{64}}/files/:name", async (context) => {
    const { digest, name } = context.req.param();
    const base = await servedBase(folders, `sha256:${digest}`);
    const file = base?.files.find((one) => one.name === name);
    if (base === undefined || file === undefined)
      throw new GraftError("NOT_FOUND", `Cannot give ${name}: this server has no such file of the base`);
    const stream = Readable.toWeb(createReadStream(join(base.folder, name), { highWaterMark: 256 * 1024 }));
    return context.body(stream as unknown as ReadableStream<Uint8Array>, 200, {
      "content-type": name.endsWith(".json") ? "application/json" : "application/octet-stream",
      "content-length": String(file.size),
      "content-disposition": "attachment",
      "cache-control": "no-cache",
    });
  });
}
