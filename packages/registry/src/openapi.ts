import { ROUTES } from "@graft/protocol";
import { createRoute, OpenAPIHono, type RouteConfig } from "@hono/zod-openapi";

/** The OpenAPI 3.1 document of the protocol, made from the schemas that validate. */
export function openApiDocument(): object {
  const app = new OpenAPIHono();
  app.openAPIRegistry.registerComponent("securitySchemes", "token", {
    type: "http",
    scheme: "bearer",
    description: "A token of this registry, `graft_…`",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: "__Host-graft_session",
    description: "A browser that is signed in; `graft_session` over plain HTTP on loopback",
  });
  for (const [operationId, route] of Object.entries<RouteConfig>(ROUTES))
    app.openAPIRegistry.registerPath(createRoute({ ...route, operationId }));
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Graft registry", version: "1", description: "Adapters by name, by base, and by digest." },
  });
}
