import { GraftError } from "@graft/error";
import { parseDigest, type Digest } from "@graft/digest";
import { ROUTES, UPLOAD_DIRECT, UPLOAD_OFFSET } from "@graft/protocol";
import type { DirectTransfers } from "@graft/storage";
import { allowed } from "../authorize.ts";
import { blobAccess } from "../blob-access.ts";
import { blobResponse } from "../blob-response.ts";
import { viewerOf } from "../caller.ts";
import type { RegistryParts } from "../context.ts";
import { beginsDownload } from "../count-downloads.ts";
import { receive } from "../receive.ts";
import { route, type RegistryApp } from "./mount.ts";

/** Bytes by digest. */
export function mountBlobs(app: RegistryApp, parts: RegistryParts): void {
  const { blobs, metadata, clock, settings } = parts;
  // Answers HEAD too: Hono runs the handler of GET and drops the body.
  app.openapi(route(ROUTES.getBlob), async (context) => {
    const { digest } = context.req.valid("param");
    const caller = context.get("caller");
    const access = await blobAccess(parts, { digest, caller });
    const isHead = context.req.raw.method === "HEAD";
    // Bytes that no version names are for those who run the registry: it is no place to park files. Who uploaded them may know that they came.
    const isReadable = access !== "hidden" && (access !== "uploaded" || isHead || viewerOf(caller).everything);
    if (isReadable && !isHead && blobs.direct !== undefined && context.req.valid("query").direct !== undefined) {
      context.header("cache-control", "no-store");
      if (context.req.header("range") === undefined) parts.countDownload(digest);
      return context.redirect(await blobs.direct.readAddress(digest), 307);
    }
    const blob = isReadable ? await blobs.open(digest) : undefined;
    if (blob !== undefined) {
      const response = await blobResponse(context, { blob, digest, isPublic: access === "everybody" });
      if (beginsDownload(context, response)) parts.countDownload(digest);
      return response;
    }
    const kept = caller === undefined ? 0 : await blobs.uploadOffset(digest, caller.id);
    context.header(UPLOAD_OFFSET, String(kept));
    if (blobs.direct !== undefined) context.header(UPLOAD_DIRECT, "1");
    throw new GraftError("NOT_FOUND", `Cannot find the blob ${digest}: the registry has none with this digest`, {
      detail: { offset: kept },
    });
  });
  app.openapi(route(ROUTES.putBlob), async (context) => {
    const digest = parseDigest(context.req.valid("param").digest);
    const caller = allowed(context.get("caller"), "publish");
    const access = await blobAccess(parts, { digest, caller });
    const { status, size } = await receive(parts, { digest, owner: caller.id, afresh: access === "hidden", request: context.req.raw });
    if (status === "exists") return context.json({ status, digest, size }, 200);
    await metadata.blobs.uploaded(digest, { owner: caller.id, at: clock().toISOString() });
    return context.json({ status, digest, size, verified: "received" as const }, 201);
  });
  app.openapi(route(ROUTES.beginUpload), async (context) => {
    const digest = parseDigest(context.req.valid("param").digest);
    const { size } = context.req.valid("json");
    const { id } = allowed(context.get("caller"), "publish");
    if (size > settings.blobBytes)
      throw new GraftError("LIMIT_EXCEEDED", `Cannot store the blob: it has ${size} bytes, want at most ${settings.blobBytes}`);
    return context.json({ parts: await direct(digest).begin(digest, { size, owner: id }) }, 200);
  });
  app.openapi(route(ROUTES.finishUpload), async (context) => {
    const digest = parseDigest(context.req.valid("param").digest);
    const { id } = allowed(context.get("caller"), "publish");
    const { status, size } = await direct(digest).finish(digest, id);
    await metadata.blobs.uploaded(digest, { owner: id, at: clock().toISOString() });
    return context.json({ status, digest, size, verified: "read" as const }, 201);
  });

  function direct(digest: Digest): DirectTransfers {
    if (blobs.direct !== undefined) return blobs.direct;
    throw new GraftError("NOT_FOUND", `Cannot upload ${digest} past the registry: it takes all bytes itself`, {
      hint: `PUT them to /v1/blobs/${digest}`,
    });
  }
}
