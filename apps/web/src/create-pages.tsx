import { mountAccountPages } from "./account/account-routes.tsx";
import { mountSignInPages } from "./account/sign-in-routes.tsx";
import { isGraftError } from "@graft/error";
import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { BaseFolders } from "./base-files.ts";
import { type PageEnvironment, type RegistryApp, withClient } from "./context.ts";
import { page } from "./layout/render.ts";
import { PAGE_HEADERS } from "./layout/content-security-policy.ts";
import { Problem } from "./pages/problem.tsx";
import { mountAdapterPages } from "./routes/adapter-pages.tsx";
import { readBundledScripts } from "./bundled-scripts.ts";
import { mountAssets, type ScriptSource } from "./routes/assets.ts";
import { mountBaseFiles } from "./routes/base-files.ts";
import { mountBasePages } from "./routes/base-pages.tsx";
import { mountBrowsePages } from "./routes/browse-pages.tsx";
import { mountMachinePages } from "./routes/machine-pages.tsx";

/** What the pages are about, and who is told of their faults. */
export interface PagesOptions {
  readonly registry: RegistryApp;
  readonly onFault?: (cause: unknown) => void;
  /** Which of the stores answer. */
  readonly health?: () => Promise<Readonly<Record<string, boolean>>>;
  /** Folders of bases that pages may run in a browser, by fingerprint. */
  readonly bases?: BaseFolders;
  /** The bundles that came with the package, unless others are given. */
  readonly scripts?: ScriptSource;
}

/** The pages of a registry as an app; paths that it does not know are not found. */
export function createPages({
  registry,
  onFault = () => undefined,
  health = async () => ({}),
  bases = async () => new Map(),
  scripts = readBundledScripts,
}: PagesOptions): Hono<PageEnvironment> {
  const app = new Hono<PageEnvironment>();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(PAGE_HEADERS)) context.header(name, value);
  });
  app.use(withClient(registry));
  mountAssets(app, scripts);
  mountBrowsePages(app);
  mountMachinePages(app, registry);
  mountBasePages(app);
  mountSignInPages(app);
  mountAccountPages(app, health);
  mountBaseFiles(app, bases);
  mountAdapterPages(app, bases);
  app.notFound((context) => page(context, <Problem status={404} message={`There is no page at ${context.req.path}`} />, 404));
  app.onError((cause, context) => problem(context, { cause, onFault }));
  return app;
}

function problem(context: Context, { cause, onFault }: { readonly cause: unknown; readonly onFault: (cause: unknown) => void }) {
  if (!isGraftError(cause) || cause.status >= 500) onFault(cause);
  if (!isGraftError(cause)) return page(context, <Problem status={500} message="It is written to the log, and not your fault." />, 500);
  return page(context, <Problem status={cause.status} message={cause.message} hint={cause.hint} />, cause.status as ContentfulStatusCode);
}
