import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { GraftError } from "@graft/error";
import type { Hono } from "hono";

/** Where to listen, and when a sender of headers is given up. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly idleSeconds: number;
  /** What whoever starts the server sets to choose another port. */
  readonly variable: string;
}

/** Starts to answer requests. USAGE when the address is taken or not allowed. */
export async function listen(app: Pick<Hono, "fetch">, { host, port, idleSeconds, variable }: ListenOptions): Promise<Server> {
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
          hint: `Set ${variable} to another port, or 0 for a free one`,
          cause,
        }),
      );
    });
  });
}

/** Takes no new requests, and gives those that run so many seconds. */
export async function drain(server: Server, seconds: number): Promise<void> {
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

/** Where a server listens, as an address to open. */
export function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  const host = family === "IPv6" ? `[${address}]` : address;
  return `http://${host === "0.0.0.0" || host === "[::]" ? "127.0.0.1" : host}:${port}`;
}
