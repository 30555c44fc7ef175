import { countDownloads, createRegistry } from "@graft/registry";
import { createPages } from "@graft/web";
import { Hono } from "hono";
import pino from "pino";
import { singleSignOnOf } from "./access-settings.ts";
import { openDataFolder } from "./data-folder.ts";
import { addressOf, drain, listen } from "./listen.ts";
import { createMetrics, type ServerMetrics } from "./metrics.ts";
import { pageBases } from "./page-bases.ts";
import { readiness } from "./readiness.ts";
import { requestLog } from "./request-log.ts";
import { tidyEvery } from "./tidy.ts";
import { readSettings, type ServerSettings } from "./settings.ts";

/** A server that listens. */
export interface RunningServer {
  /** Where: `http://127.0.0.1:7447`. */
  readonly url: string;
  /** Where its figures are read, when they have a port. */
  readonly metricsUrl?: string;
  /** The first token, only when this start made it. */
  readonly token?: string;
  /** The file that holds the first token, readable by its owner alone. */
  readonly tokenFile: string;
  /** Takes no new requests, lets those that run finish for `drainSeconds`, then closes the stores. */
  close(): Promise<void>;
}

/** What the registry answers itself; everything else is a page. */
const REGISTRY_PATHS = ["/v1/*", "/hf/*", "/npm/*", "/v2/*"];

/** How often what nobody needs is looked for, in milliseconds. */
const TIDY_EVERY = 60 * 60 * 1000;

/** Opens the data folder and listens; what is not given has its default. NOT_WRITABLE, DISK_FULL, USAGE when the address is taken. */
export async function startServer(given: Partial<ServerSettings> = {}): Promise<RunningServer> {
  const settings = { ...readSettings({}), ...given };
  const logger = pino({
    name: "graft",
    level: settings.logLevel,
    redact: ["token", "*.token", "authorization", "*.authorization", "headers"],
  });
  const data = await openDataFolder(settings.data, settings);
  const metrics = settings.metricsPort === undefined ? undefined : createMetrics();
  const onFault = (cause: unknown): void => {
    metrics?.fault();
    logger.error({ err: cause }, "fault");
  };
  const app = new Hono();
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.get("/readyz", async (context) => {
    const ready = await readiness(data);
    return context.json(ready, ready.database && ready.blobs ? 200 : 503);
  });
  if (metrics !== undefined) app.use(metrics.middleware);
  app.use(requestLog(logger));
  const downloads = countDownloads(data.metadata, { onFault });
  const registry = createRegistry({
    ...data,
    settings: { ...settings, singleSignOn: singleSignOnOf(settings) },
    onFault,
    countDownload: downloads.count,
  });
  for (const path of REGISTRY_PATHS) app.all(path, (context) => registry.fetch(context.req.raw, context.env));
  app.mount(
    "/",
    settings.pages
      ? createPages({ registry, onFault, health: () => readiness(data), bases: pageBases(settings.pageBases) }).fetch
      : registry.fetch,
  );

  const closeStores = async (cause: unknown): Promise<never> => {
    await data.metadata.close();
    throw cause;
  };
  const server = await listen(app, { ...settings, variable: "GRAFT_PORT" }).catch(closeStores);
  const metricsServer = await listenForMetrics(metrics, settings).catch(async (cause: unknown) => {
    await drain(server, 0);
    return closeStores(cause);
  });
  const stopTidying = tidyEvery(TIDY_EVERY, { ...data, keptFor: settings.keepHours * 60 * 60 * 1000, onFault });
  const url = addressOf(server);
  logger.info({ url, data: settings.data }, "listening");

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await stopTidying();
    await drain(server, settings.drainSeconds);
    if (metricsServer !== undefined) await drain(metricsServer, 0);
    await downloads.close();
    await data.metadata.close();
    logger.info("stopped");
  };
  return {
    url,
    ...(metricsServer === undefined ? {} : { metricsUrl: `${addressOf(metricsServer)}/metrics` }),
    tokenFile: data.tokenFile,
    ...(data.token === undefined ? {} : { token: data.token }),
    close: () => (closing ??= close()),
  };
}

/** Figures have a port of their own: they tell more than strangers should know. */
async function listenForMetrics(metrics: ServerMetrics | undefined, { metricsPort, host, idleSeconds }: ServerSettings) {
  if (metrics === undefined || metricsPort === undefined) return undefined;
  const app = new Hono();
  app.get("/metrics", async (context) => {
    const { type, body } = await metrics.text();
    return context.body(body, 200, { "content-type": type });
  });
  return await listen(app, { host, port: metricsPort, idleSeconds, variable: "GRAFT_METRICS_PORT" });
}
