import { GraftError } from "@graft/error";
import { parseDigest, type Digest } from "@graft/digest";
import { ROUTES, UPLOAD_OFFSET } from "@graft/protocol";
import type { StoredToken } from "@graft/storage";
import { allowed } from "../authorize.ts";
import { blobResponse } from "../blob-response.ts";
import type { RegistryParts } from "../context.ts";
import { receive } from "../receive.ts";
import { route, type RegistryApp } from "./mount.ts";

/** Bytes by digest. */
export function mountBlobs(app: RegistryApp, parts: RegistryParts): void {
  const { blobs, metadata } = parts;
  // Answers HEAD too: Hono runs the handler of GET and drops the body.
  app.openapi(route(ROUTES.getBlob), async (context) => {
    const { digest } = context.req.valid("param");
    const token = context.get("token");
    const blob = (await mayRead(digest, token)) ? await blobs.open(digest) : undefined;
    if (blob !== undefined) return blobResponse(context, { blob, digest });
    const kept = token === undefined ? 0 : await blobs.uploadOffset(digest, token.id);
    context.header(UPLOAD_OFFSET, String(kept));
    throw new GraftError("NOT_FOUND", `Cannot find the blob ${digest}: the registry has none with this digest`, {
      detail: { offset: kept },
    });
  });
  app.openapi(route(ROUTES.putBlob), async (context) => {
    const digest = parseDigest(context.req.valid("param").digest);
    const { id } = allowed(context.get("token"), "publish");
    const { status, size } = await receive(parts, { digest, owner: id, request: context.req.raw });
    return context.json({ status, digest, size }, status === "stored" ? 201 : 200);
  });

  /** Bytes that no version names are for those who publish: a registry is no place to park files. */
  async function mayRead(digest: Digest, token: StoredToken | undefined): Promise<boolean> {
    return token?.actions.includes("publish") === true || (await metadata.lookups.withDigest(digest, 1)).length > 0;
  }
}
