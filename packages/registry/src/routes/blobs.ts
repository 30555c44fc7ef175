import { GraftError } from "@graft/error";
import { parseDigest } from "@graft/digest";
import { ROUTES, UPLOAD_OFFSET } from "@graft/protocol";
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
  const { blobs } = parts;
  // Answers HEAD too: Hono runs the handler of GET and drops the body.
  app.openapi(route(ROUTES.getBlob), async (context) => {
    const { digest } = context.req.valid("param");
    const caller = context.get("caller");
    const access = await blobAccess(parts, { digest, caller });
    // Bytes that no version names are for those who run the registry: it is no place to park files.
    const isReadable = access === "everybody" || access === "caller" || (access === "unnamed" && viewerOf(caller).everything);
    const blob = isReadable ? await blobs.open(digest) : undefined;
    if (blob !== undefined) {
      const response = await blobResponse(context, { blob, digest, isPublic: access === "everybody" });
      if (beginsDownload(context, response)) parts.countDownload(digest);
      return response;
    }
    const kept = caller === undefined ? 0 : await blobs.uploadOffset(digest, caller.id);
    context.header(UPLOAD_OFFSET, String(kept));
    throw new GraftError("NOT_FOUND", `Cannot find the blob ${digest}: the registry has none with this digest`, {
      detail: { offset: kept },
    });
  });
  app.openapi(route(ROUTES.putBlob), async (context) => {
    const digest = parseDigest(context.req.valid("param").digest);
    const caller = allowed(context.get("caller"), "publish");
    const isHidden = (await blobAccess(parts, { digest, caller })) === "hidden";
    const { status, size } = await receive(parts, { digest, owner: caller.id, afresh: isHidden, request: context.req.raw });
    return context.json({ status, digest, size }, status === "stored" ? 201 : 200);
  });
}
