import { RegistryClient } from "@graft/client";
import type { Session } from "@graft/protocol";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";

/** A registry as an app: it takes a `Request`, and what the server knows of the connection, and gives a `Response`. */
export interface RegistryApp {
  fetch(request: Request, environment?: unknown): Response | Promise<Response>;
}

/** Asks the registry in this process, as whoever asked for the page: with their cookie, from their address. */
export type Ask = (path: string, init?: RequestInit) => Promise<Response>;

/** What every page has at hand. */
export interface PageEnvironment {
  Variables: {
    client: RegistryClient;
    ask: Ask;
    /** On pages that one signs in for. */
    session: Session;
  };
}

/** What says who a reader is and where they come from: a page passes it on, so that the registry judges its reader and not the page. */
const PASSED_ON = ["cookie", "origin", "host", "user-agent", "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"];

/**
 * Gives each request a client of the registry in this process. Pages see what the protocol shows to their reader and nothing
 * else, so a private adapter is as hidden here as there.
 */
export function withClient(registry: RegistryApp) {
  return createMiddleware<PageEnvironment>(async (context, next) => {
    const { origin } = new URL(context.req.url);
    const send = async (input: URL | string, init: RequestInit = {}): Promise<Response> => {
      const headers = new Headers(init.headers);
      for (const name of PASSED_ON) {
        const value = context.req.header(name);
        if (value !== undefined) headers.set(name, value);
      }
      const response = await registry.fetch(new Request(input, { ...init, headers }), context.env);
      // Signing in and out is told to the browser by cookies.
      for (const cookie of response.headers.getSetCookie()) context.header("set-cookie", cookie, { append: true });
      return response;
    };
    context.set("ask", (path, init) => send(origin + path, init));
    context.set("client", new RegistryClient({ registry: origin, fetch: send as typeof fetch }));
    await next();
  });
}

/** The address of this registry, as the reader knows it. */
export function originOf(context: Context): string {
  return new URL(context.req.url).origin;
}
