import { join } from "node:path";
import { createMirror, type FetchUpstream } from "@graft/registry";
import { openFileBlobStore } from "@graft/storage/node";
import { Hono } from "hono";
import pino from "pino";
import { addressOf, drain, listen } from "./listen.ts";
import { openMirrorFolder } from "./mirror-folder.ts";
import { requestLog } from "./request-log.ts";
import { readSettings, type ServerSettings } from "./settings.ts";

/** A mirror that listens. */
export interface RunningMirror {
  readonly url: string;
  close(): Promise<void>;
}

/** Mirrors a registry: what is pulled through it stays in the data folder and is shown while the registry is away. */
export async function startMirror(given: Partial<ServerSettings> & { readonly upstream: string }): Promise<RunningMirror> {
  const settings = { ...readSettings({}), ...given };
  const logger = pino({ name: "graft-mirror", level: settings.logLevel });
  const store = await openMirrorFolder(join(settings.data, "mirror"));
  const blobs = await openFileBlobStore(join(settings.data, "blobs"));
  const app = new Hono();
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.use(requestLog(logger));
  const onFault = (cause: unknown): void => logger.error({ err: cause }, "fault");
  app.route(
    "/",
    createMirror({ store, blobs, fetchUpstream: upstreamAt(settings.upstream), refreshAfter: settings.mirrorSeconds * 1000, onFault }),
  );
  const server = await listen(app, { ...settings, variable: "GRAFT_PORT" });
  const url = addressOf(server);
  logger.info({ url, upstream: settings.upstream }, "mirroring");
  return { url, close: () => drain(server, settings.drainSeconds) };
}

/** Asks a registry without any token: a mirror shows everybody what it holds. */
export function upstreamAt(address: string): FetchUpstream {
  const origin = address.replace(/\/+$/, "");
  return (path, init) => fetch(origin + path, { redirect: "error", ...init });
}
