import { LIMITS, ROUTES } from "@graft/protocol";
import type { RegistryParts } from "../context.ts";
import { openApiDocument } from "../openapi.ts";
import { route, type RegistryApp } from "./mount.ts";

/** What answers here, its keys, and its description. */
export function mountService(app: RegistryApp, { key, keyCreatedAt, settings }: RegistryParts): void {
  const { blobBytes, bodyBytes } = settings;
  app.openapi(route(ROUTES.ping), (context) =>
    context.json({ service: "graft", protocol: 1, limits: { blobBytes, bodyBytes, pageSize: LIMITS.pageSize } } as const, 200),
  );
  app.openapi(route(ROUTES.listKeys), (context) =>
    context.json({ keys: [{ ...key.public, algorithm: "ed25519" as const, createdAt: keyCreatedAt }] }, 200),
  );
  app.get("/v1/openapi.json", (context) => context.json(openApiDocument()));
}
