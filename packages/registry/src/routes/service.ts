import { LIMITS, ROUTES } from "@graft/protocol";
import type { RegistryParts } from "../context.ts";
import { openApiDocument } from "../openapi.ts";
import { route, type RegistryApp } from "./mount.ts";

/** What answers here, and its description. */
export function mountService(app: RegistryApp, { settings }: RegistryParts): void {
  const { blobBytes, bodyBytes } = settings;
  app.openapi(route(ROUTES.ping), (context) =>
    context.json({ service: "graft", protocol: 1, limits: { blobBytes, bodyBytes, pageSize: LIMITS.pageSize } } as const, 200),
  );
  app.get("/v1/openapi.json", (context) => context.json(openApiDocument()));
}
