import type { Hono } from "hono";
import { cors } from "hono/cors";
import type { Digest } from "@graft/digest";
import { GraftError } from "@graft/error";
import { accessParts } from "./access/access-parts.ts";
import { authenticate } from "./access/authenticate.ts";
import type { PasswordHasher } from "./access/passwords.ts";
import type { RegistryEnvironment, RegistryParts } from "./context.ts";
import { errorResponse } from "./error-response.ts";
import { mountNpm } from "./facades/npm/mount-npm.ts";
import { mountOci } from "./facades/oci/mount-oci.ts";
import { mountHub } from "./facades/hub/mount-hub.ts";
import { RegistryLog } from "./log/registry-log.ts";
import { mountAccess } from "./routes/access.ts";
import { mountAdapters } from "./routes/adapters.ts";
import { mountBases } from "./routes/bases.ts";
import { mountBlobs } from "./routes/blobs.ts";
import { mountLog } from "./routes/log.ts";
import { mountLife } from "./routes/life.ts";
import { mountLookups } from "./routes/lookups.ts";
import { guardedApp } from "./routes/mount.ts";
import { mountSearch } from "./routes/search.ts";
import { mountService } from "./routes/service.ts";
import { mountTokens } from "./routes/tokens.ts";
import { DEFAULT_SETTINGS, type RegistrySettings } from "./settings.ts";

/** What must be given to make a registry. */
export interface RegistryOptions extends Pick<RegistryParts, "metadata" | "blobs" | "key" | "keyCreatedAt"> {
  readonly clock?: () => Date;
  readonly settings?: Partial<RegistrySettings>;
  readonly countDownload?: (digest: Digest) => void;
  readonly onFault?: (cause: unknown) => void;
  /** How passwords are stored; scrypt when left out. */
  readonly passwords?: PasswordHasher;
}

/** A registry as an app: give it a `Request`, get a `Response`. It keeps nothing itself, so any number of them may share one store. */
export function createRegistry(options: RegistryOptions): Hono<RegistryEnvironment> {
  const {
    metadata,
    blobs,
    key,
    keyCreatedAt,
    clock = () => new Date(),
    countDownload = () => undefined,
    onFault = () => undefined,
  } = options;
  const settings: RegistrySettings = { ...DEFAULT_SETTINGS, ...options.settings };
  const access = accessParts({ settings, clock, metadata, onFault }, options.passwords);
  const log = new RegistryLog({ metadata, key, keyCreatedAt, clock });
  const parts: RegistryParts = { metadata, blobs, key, keyCreatedAt, log, clock, countDownload, onFault, settings, access };
  const app = guardedApp(parts.settings, [
    // Pages of any origin may ask: with a token in a header, never with a cookie, which browsers do not send to an origin of "*".
    cors({ origin: "*", exposeHeaders: ["etag", "content-range", "upload-offset"] }),
    authenticate(parts),
  ]);
  for (const mount of [
    mountService,
    mountBases,
    mountBlobs,
    mountAdapters,
    mountLife,
    mountLog,
    mountLookups,
    mountSearch,
    mountTokens,
    mountAccess,
    mountHub,
    mountNpm,
    mountOci,
  ])
    mount(app, parts);
  app.onError((cause, context) => errorResponse(context, { cause, onFault }));
  app.notFound((context) => {
    const cause = new GraftError("NOT_FOUND", `Cannot ${context.req.method} ${context.req.path.slice(0, 200)}: there is no such route`);
    return errorResponse(context, { cause, onFault });
  });
  return app;
}
