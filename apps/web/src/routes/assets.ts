import { createHash } from "node:crypto";
import type { Hono } from "hono";
import { ASSETS, type Asset } from "../assets.ts";
import type { PageEnvironment } from "../context.ts";

/** Bundled scripts by their names; made when first asked for. */
export type ScriptSource = () => Promise<ReadonlyMap<string, Asset>>;

/**
 * Styles, icon and scripts. Names of the first two follow from their bytes, so browsers may keep them for ever; a script that
 * pages name is asked for again each time, and mostly answered with 304.
 */
export function mountAssets(app: Hono<PageEnvironment>, scripts: ScriptSource): void {
  app.get("/assets/:name", (context, next) => {
    const asset = ASSETS.get(context.req.param("name"));
    if (asset === undefined) return next();
    return context.body(asset.body, 200, { "content-type": asset.type, "cache-control": "public, max-age=31536000, immutable" });
  });
  let tagged: Promise<ReadonlyMap<string, TaggedAsset>> | undefined;
  app.get("/assets/scripts/:name", async (context, next) => {
    const asset = (await (tagged ??= scripts().then(tag))).get(context.req.param("name"));
    if (asset === undefined) return next();
    const { etag, type, body } = asset;
    const headers = { etag, "cache-control": "no-cache", "content-type": type };
    return context.req.header("if-none-match") === etag ? context.body(null, 304, headers) : context.body(body, 200, headers);
  });
}

interface TaggedAsset extends Asset {
  readonly etag: string;
}

/** Marks of content, taken once: the runtime of a page alone has 25 MB. */
function tag(assets: ReadonlyMap<string, Asset>): ReadonlyMap<string, TaggedAsset> {
  const etag = (body: Uint8Array): string => `"${createHash("sha256").update(body).digest("base64url").slice(0, 16)}"`;
  return new Map([...assets].map(([name, asset]) => [name, { ...asset, etag: etag(asset.body) }]));
}
