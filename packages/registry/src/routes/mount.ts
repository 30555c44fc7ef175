import { createRoute, OpenAPIHono, type RouteConfig } from "@hono/zod-openapi";
import { ROUTES } from "@graft/protocol";
import type { MiddlewareHandler } from "hono";
import { requireToken } from "../authorize.ts";
import type { RegistryEnvironment } from "../context.ts";
import { invalidRequest } from "../error-response.ts";
import { boundedBody } from "../request-body.ts";
import type { RegistrySettings } from "../settings.ts";

/** The app that routes mount themselves on. */
export type RegistryApp = OpenAPIHono<RegistryEnvironment>;

/** The protocol's table as routes of this framework. */
export { createRoute as route };

/** An app that turns what the schemas refuse into the protocol's error, and guards each route as the table says: token first, then the size of the body. */
export function guardedApp(settings: RegistrySettings, first: readonly MiddlewareHandler<RegistryEnvironment>[]): RegistryApp {
  const app = new OpenAPIHono<RegistryEnvironment>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error.issues, result.target);
    },
  });
  for (const middleware of first) app.use(middleware);
  for (const route of Object.values<RouteConfig>(ROUTES)) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ":$1");
    const method = route.method.toUpperCase();
    if (route.security !== undefined) app.on(method, path, requireToken);
    if (route.request?.body !== undefined) app.on(method, path, boundedBody(settings));
  }
  return app;
}
