import { parseDigest } from "@graft/digest";
import { GraftError } from "@graft/error";
import { checked, Name } from "@graft/format";
import { fingerprintOf } from "@graft/onnx";
import { BaseRecord, joinName, LIMITS, ROUTES, routePath } from "@graft/protocol";
import type { BlobStore } from "@graft/storage";
import { Hono, type Context } from "hono";
import { blobResponse } from "../blob-response.ts";
import { errorResponse } from "../error-response.ts";
import { guardedApp, route } from "../routes/mount.ts";
import { DEFAULT_SETTINGS } from "../settings.ts";
import { Mirror, type MirrorOptions } from "./mirror.ts";
import { away, type FetchUpstream, upstreamBytes, upstreamJson } from "./upstream.ts";

/** What must be given to mirror a registry. */
export interface MirrorAppOptions extends Omit<MirrorOptions, "fetchBytes"> {
  readonly blobs: BlobStore;
  readonly onFault?: ((cause: unknown) => void) | undefined;
}

/** The header that says how many seconds ago the head was signed that a mirror shows. */
const VIEW_AGE = "graft-view-age";

/** What only passes through while upstream can be reached: nothing in it is signed, so nothing of it is kept. */
const PASSING = [
  "/v1/adapters/:scope/:name",
  "/v1/adapters/:scope/:name/tags",
  "/v1/search",
  "/v1/digests/:digest",
  "/v1/bases",
  "/v1/log/tile/*",
];

/** A mirror of a registry as an app: it keeps what is pulled through it, checked, and shows that while upstream is away. It takes nothing in from clients. */
export function createMirror(options: MirrorAppOptions): Hono {
  const { blobs, store, fetchUpstream, clock = Date.now, onFault = () => undefined } = options;
  const source = { blobs, fetchUpstream };
  const mirror = new Mirror({
    ...options,
    fetchBytes: async (record) => {
      for (const { digest, size } of [record, ...record.files])
        if ((await blobs.size(digest)) === undefined) await (await takeBlob(source, { digest, size })).close();
    },
  });
  const app = guardedApp(DEFAULT_SETTINGS, []);
  app.use(async (context, next) => {
    await next();
    const view = await mirror.view();
    if (view !== undefined) context.header(VIEW_AGE, String(Math.max(0, Math.round((clock() - view.time) / 1000))));
  });
  const { blobBytes, bodyBytes } = DEFAULT_SETTINGS;
  app.openapi(route(ROUTES.ping), (context) =>
    context.json({ service: "graft", protocol: 1, limits: { blobBytes, bodyBytes, pageSize: LIMITS.pageSize } } as const, 200),
  );
  app.openapi(route(ROUTES.listKeys), async (context) => context.json(await mirror.keys(), 200));
  app.openapi(route(ROUTES.resolve), async (context) =>
    context.json(await mirror.resolve({ name: nameOf(context.req.valid("param")), wanted: context.req.valid("query").range }), 200),
  );
  app.openapi(route(ROUTES.getVersion), async (context) => {
    const { version, ...rest } = context.req.valid("param");
    const name = nameOf(rest);
    return context.json(await mirror.resolve({ name, wanted: version }), 200);
  });
  app.openapi(route(ROUTES.proveVersion), async (context) => {
    const { version, ...rest } = context.req.valid("param");
    return context.json(await mirror.prove(nameOf(rest), version, context.req.valid("query")), 200);
  });
  app.openapi(route(ROUTES.getBlob), async (context) => {
    const digest = parseDigest(context.req.valid("param").digest);
    const size = await mirror.holds(digest);
    if (size === undefined) throw new GraftError("NOT_FOUND", `Cannot find the blob ${digest}: no version that the mirror holds has it`);
    const blob = (await blobs.open(digest)) ?? (await takeBlob(source, { digest, size }));
    return blobResponse(context, { blob, digest, isPublic: true });
  });
  app.openapi(route(ROUTES.getBase), async (context) => {
    const { digest } = context.req.valid("param");
    const key = `base/${digest}`;
    const known = await store.read(key);
    if (known !== undefined) return context.json(BaseRecord.parse(JSON.parse(known)), 200);
    const base = await upstreamJson(fetchUpstream, routePath("getBase", { digest }), { schema: BaseRecord });
    if ((await fingerprintOf(base.matrices.map((matrix) => matrix.digest))) !== digest)
      throw new GraftError("DIGEST_MISMATCH", `Cannot mirror the base ${digest}: its matrices have another fingerprint`);
    await store.write(key, JSON.stringify(base));
    return context.json(base, 200);
  });
  for (const path of PASSING) app.get(path, async (context) => pass(context, fetchUpstream));
  app.all("/v1/find", async (context) => pass(context, fetchUpstream, await context.req.json()));
  app.notFound((context) => {
    const isRead = context.req.method === "GET" || context.req.method === "HEAD";
    const cause = isRead
      ? new GraftError("NOT_FOUND", `Cannot ${context.req.method} ${context.req.path.slice(0, 200)}: a mirror has no such route`)
      : new GraftError("FORBIDDEN", "Cannot change anything here: this is a mirror", { hint: "Publish to the registry that it mirrors" });
    return errorResponse(context, { cause, onFault });
  });
  app.onError((cause, context) => errorResponse(context, { cause, onFault }));
  return new Hono().route("/", app);
}

function nameOf(parts: { readonly scope: string; readonly name: string }): string {
  return checked(Name, joinName(parts), "name");
}

async function pass(context: Context, fetchUpstream: FetchUpstream, body?: unknown): Promise<Response> {
  const { pathname, search } = new URL(context.req.url);
  const type = pathname.startsWith("/v1/log/tile/") ? "application/octet-stream" : "application/json";
  return context.body(await upstreamBytes(fetchUpstream, pathname + search, body), 200, { "content-type": type });
}

/** Takes a blob in, hashed as it comes. */
async function takeBlob(
  { blobs, fetchUpstream }: { blobs: BlobStore; fetchUpstream: FetchUpstream },
  { digest, size }: { digest: `sha256:${string}`; size: number },
) {
  const response = await fetchUpstream(routePath("getBlob", { digest }), { headers: { "accept-encoding": "identity" } }).catch(
    (cause: unknown) => {
      throw away(cause);
    },
  );
  if (!response.ok || response.body === null) throw away(new Error(`status ${response.status}`));
  await blobs.put(digest, { bytes: response.body as unknown as AsyncIterable<Uint8Array>, size, limit: size, owner: "mirror" });
  const blob = await blobs.open(digest);
  if (blob === undefined) throw new GraftError("INTERNAL", `The blob ${digest} vanished`);
  return blob;
}
