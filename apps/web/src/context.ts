import { RegistryClient } from "@graft/client";
import { createMiddleware } from "hono/factory";

/** A registry as an app: it takes a `Request` and gives a `Response`. */
export interface RegistryApp {
  fetch(request: Request): Response | Promise<Response>;
}

/** What every page has at hand: the registry, asked as whoever asked for the page. */
export interface PageEnvironment {
  Variables: { client: RegistryClient };
}

/**
 * Gives each request a client of the registry in this process. Pages see what the protocol shows to their reader and nothing
 * else, so a private adapter is as hidden here as there.
 */
export function withClient(registry: RegistryApp) {
  return createMiddleware<PageEnvironment>(async (context, next) => {
    const cookie = context.req.header("cookie");
    const ask = (input: URL, init: RequestInit): Promise<Response> => {
      const headers = new Headers(init.headers);
      if (cookie !== undefined) headers.set("cookie", cookie);
      return Promise.resolve(registry.fetch(new Request(input, { ...init, headers })));
    };
    context.set("client", new RegistryClient({ registry: "http://localhost", fetch: ask as unknown as typeof fetch }));
    await next();
  });
}
