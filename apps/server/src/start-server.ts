import type { AddressInfo } from "node:net";
import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { GraftError } from "@graft/error";
import { countDownloads, createRegistry } from "@graft/registry";
import { createPages } from "@graft/web";
import { Hono } from "hono";
import pino from "pino";
import { openDataFolder } from "./data-folder.ts";
import { requestLog } from "./request-log.ts";
import { readSettings, type ServerSettings } from "./settings.ts";

/** A server that listens. */
export interface RunningServer {
  /** Where: `http://127.0.0.1:7447`. */
  readonly url: string;
  /** The first token, only when this start made it. */
  readonly token?: string;
  /** The file that holds the first token, readable by its owner alone. */
  readonly tokenFile: string;
  /** Takes no new requests, lets those that run finish for `drainSeconds`, then closes the stores. */
  close(): Promise<void>;
}

/** What the registry answers itself; everything else is a page. */
const REGISTRY_PATHS = ["/v1/*", "/hf/*", "/npm/*", "/v2/*"];

/** How often, and after how long, uploads that broke off are dropped, in milliseconds. */
const SWEEP_EVERY = 60 * 60 * 1000;
const KEPT_FOR = 24 * 60 * 60 * 1000;

/** Opens the data folder and listens; what is not given has its default. NOT_WRITABLE, DISK_FULL, USAGE when the address is taken. */
export async function startServer(given: Partial<ServerSettings> = {}): Promise<RunningServer> {
  const settings = { ...readSettings({}), ...given };
  const logger = pino({
    name: "graft",
    level: settings.logLevel,
    redact: ["token", "*.token", "authorization", "*.authorization", "headers"],
  });
  const data = await openDataFolder(settings.data, settings);
  const app = new Hono();
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.use(requestLog(logger));
  const onFault = (cause: unknown): void => logger.error({ err: cause }, "fault");
  const downloads = countDownloads(data.metadata, { onFault });
  const registry = createRegistry({ ...data, settings, onFault, countDownload: downloads.count });
  for (const path of REGISTRY_PATHS) app.all(path, (context) => registry.fetch(context.req.raw, context.env));
  app.mount("/", settings.pages ? createPages({ registry, onFault }).fetch : registry.fetch);

  const server = await listen(app, settings).catch(async (cause: unknown) => {
    await data.metadata.close();
    throw cause;
  });
  const sweep = (): void =>
    void data.blobs.sweepUploads(Date.now() - KEPT_FOR).catch((cause: unknown) => logger.error({ err: cause }, "sweep"));
  sweep();
  const timer = setInterval(sweep, SWEEP_EVERY).unref();
  const url = addressOf(server.address() as AddressInfo);
  logger.info({ url, data: settings.data }, "listening");

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    clearInterval(timer);
    await drain(server, settings.drainSeconds);
    await downloads.close();
    await data.metadata.close();
    logger.info("stopped");
  };
  return { url, tokenFile: data.tokenFile, ...(data.token === undefined ? {} : { token: data.token }), close: () => (closing ??= close()) };
}

async function listen(app: Hono, { host, port, idleSeconds }: ServerSettings): Promise<Server> {
  // Bodies have their own bounds on speed; the whole of a large upload may take hours.
  const headersTimeout = idleSeconds * 1000;
  const serverOptions = {
    requestTimeout: 0,
    headersTimeout,
    connectionsCheckingInterval: Math.min(headersTimeout, 10_000),
    keepAliveTimeout: 5_000,
    maxHeaderSize: 16_384,
  };
  return await new Promise<Server>((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: host, port, serverOptions }, () => resolve(server as Server));
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === "EADDRINUSE" ? "the port is taken" : cause.code === "EACCES" ? "the port needs more rights" : cause.message;
      reject(
        new GraftError("USAGE", `Cannot listen on ${host}:${port}: ${why}`, {
          hint: "Set GRAFT_PORT to another port, or 0 for a free one",
          cause,
        }),
      );
    });
  });
}

async function drain(server: Server, seconds: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  // A connection whose last request just ended would stay open for its next one.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const timer = setTimeout(() => server.closeAllConnections(), seconds * 1000);
  await closed;
  clearInterval(idle);
  clearTimeout(timer);
}

function addressOf({ address, family, port }: AddressInfo): string {
  const host = family === "IPv6" ? `[${address}]` : address;
  return `http://${host === "0.0.0.0" || host === "[::]" ? "127.0.0.1" : host}:${port}`;
}
